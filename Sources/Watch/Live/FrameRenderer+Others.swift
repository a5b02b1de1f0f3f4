// SPDX-License-Identifier: Apache-2.0

import Platform

// Datagrams that are not heartbeats.
extension FrameRenderer {
  func drawOthers(
    _ others: RecentDatagrams, showsInterface: Bool, rows: Range<Int>, on screen: inout Screen
  ) {
    guard !rows.isEmpty else { return }
    let entries = others.last(rows.count - 1)
    let title = rows.upperBound - entries.count - 1
    let column = screen.put("OTHER DATAGRAMS", row: title, column: 0, .dim) + 2
    screen.put("\(others.total)", row: title, column: column, .dim)
    let sources = entries.map { entry in
      showsInterface ? "\(entry.source) \(escaped(entry.interface))" : "\(entry.source)"
    }
    let widest = sources.map(\.utf8.count).max() ?? 0
    for (row, (entry, source)) in zip((title + 1)..., zip(entries, sources)) {
      draw(entry, source: source, sourceWidth: widest, row: row, on: &screen)
    }
  }

  /// `14:33:47  10.0.0.9:4242    12 B  hello`
  private func draw(
    _ entry: RecentDatagrams.Entry, source: String, sourceWidth: Int, row: Int, on screen: inout Screen
  ) {
    let width = screen.size.columns
    var column = 0
    if width >= 60 { column = screen.put(clockText(entry.received), row: row, column: 0, .dim) + 2 }
    screen.put(source, row: row, column: column)
    column += sourceWidth + 2
    if width >= 60 {
      screen.put("\(entry.size) B", row: row, endingAt: column + 7, .dim)
      column += 9
    }
    guard column < width else { return }
    // A limit that is never reached: `clipped` marks the end, in the terminal's character set.
    let payload = EscapedText.string(entry.beginning, limit: 4 * entry.beginning.count)
    screen.put(glyphs.clipped(payload, to: width - column), row: row, column: column)
  }
}
