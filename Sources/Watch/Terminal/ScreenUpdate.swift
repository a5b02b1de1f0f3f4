// SPDX-License-Identifier: Apache-2.0

/// The difference of two screens as terminal output, in one synchronized update to avoid flicker.
struct ScreenUpdate {
  /// Up to this many unchanged characters are rewritten: moving the cursor costs as many bytes.
  private static let skip = 6
  /// Synchronized output (DEC mode 2026); terminals without it ignore it.
  private static let begin = "\u{1b}[?2026h"
  private static let end = "\u{1b}[0m\u{1b}[?2026l"
  private static let clear = "\u{1b}[0m\u{1b}[2J"

  private let coloured: Bool
  private var bytes: [UInt8] = []
  private var style: CellStyle?

  /// - Parameters:
  ///   - old: the current contents; nil where unknown.
  ///   - new: the next contents.
  /// - Returns: empty where nothing changed.
  static func bytes(from old: Screen?, to new: Screen, coloured: Bool) -> [UInt8] {
    guard old != new else { return [] }
    var update = ScreenUpdate(coloured: coloured)
    update.write(begin)
    var before = Screen(size: new.size)
    if let old, old.size == new.size { before = old } else { update.write(clear) }
    for row in 0..<new.size.rows where before.row(row) != new.row(row) {
      update.redraw(row, from: Array(before.row(row)), to: Array(new.row(row)))
    }
    update.write(end)
    return update.bytes
  }

  private init(coloured: Bool) { self.coloured = coloured }

  private mutating func redraw(_ row: Int, from old: [Screen.Cell], to new: [Screen.Cell]) {
    let blank = Screen.Cell()
    let contentEnd = (new.lastIndex { $0 != blank } ?? -1) + 1
    var column = 0
    while column < new.count {
      guard old[column] != new[column] else {
        column += 1
        continue
      }
      write("\u{1b}[\(row + 1);\(column + 1)H")
      guard column < contentEnd else {
        switchTo(.plain)
        write("\u{1b}[K")
        return
      }
      let end = runEnd(from: column, old, new, limit: contentEnd)
      for cell in new[column..<end] {
        switchTo(cell.style)
        bytes += UTF8.encode(cell.character).map { Array($0) } ?? [UInt8(ascii: "?")]
      }
      column = end
    }
  }

  /// The end of the run that is written without moving the cursor.
  private func runEnd(from start: Int, _ old: [Screen.Cell], _ new: [Screen.Cell], limit: Int) -> Int {
    var end = start + 1
    var column = end
    while column < limit, column - end < Self.skip {
      if old[column] != new[column] { end = column + 1 }
      column += 1
    }
    return end
  }

  private mutating func switchTo(_ next: CellStyle) {
    guard style != next else { return }
    style = next
    write(next.sequence(coloured: coloured))
  }

  private mutating func write(_ text: String) { bytes += text.utf8 }
}
