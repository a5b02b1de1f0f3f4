// SPDX-License-Identifier: Apache-2.0

// The last line: keys, or a warning, and which peers are shown.
extension FrameRenderer {
  /// - Parameter count: Of all peers.
  func drawFooter(
    _ view: LiveView, _ model: LiveModel, _ table: TableRows, of count: Int, row: Int,
    on screen: inout Screen
  ) {
    let width = screen.size.columns
    if let message = view.message {
      screen.put(
        glyphs.clipped(escaped(message), to: width), row: row, column: 0, CellStyle(colour: .yellow))
      return
    }
    let isWhole = table.peers.count >= count
    let position =
      isWhole ? "" : "\(table.peers.lowerBound + 1)\(glyphs.range)\(table.peers.upperBound) of \(count)"
    var keys = [(view.hasKeys ? "q" : "Ctrl-C", "quit")]
    if view.hasKeys, width >= 30 { keys.append(("s", "sort: \(view.order.rawValue)")) }
    if view.hasKeys, width >= 50, model.readings.hostCount > 0 { keys.append(("r", readings(view, table))) }
    if view.hasKeys, !isWhole {
      let scroll = ("\(glyphs.arrows) PgUp PgDn", "scroll")
      if Self.width(of: keys + [scroll]) + position.unicodeScalars.count <= width { keys.append(scroll) }
    }
    var column = 0
    for (key, meaning) in keys {
      column = screen.put(key, row: row, column: column, .bold)
      column = screen.put(" \(meaning)", row: row, column: column, .dim) + 3
    }
    if column + position.unicodeScalars.count <= width {
      screen.put(position, row: row, endingAt: width, .dim)
    }
  }

  private func readings(_ view: LiveView, _ table: TableRows) -> String {
    let isCrowdedOut = view.readings == .auto && table.lines.allSatisfy { $0 == 0 }
    return "readings: \(view.readings.rawValue)" + (isCrowdedOut ? ", no room" : "")
  }

  /// Columns of keys with what they do, with the gap after each.
  private static func width(of keys: [(String, String)]) -> Int {
    keys.reduce(0) { $0 + $1.0.unicodeScalars.count + 1 + $1.1.unicodeScalars.count + 3 }
  }
}
