// SPDX-License-Identifier: Apache-2.0

import Platform

/// The contents of a terminal: a rectangle of characters, each one column wide.
///
/// Only printable ASCII and `Glyphs` are stored; anything else becomes `?`. Received text cannot move the
/// cursor, change a colour or exceed its columns.
struct Screen: Equatable, Sendable {
  struct Cell: Equatable, Sendable {
    var character: Unicode.Scalar = " "
    var style = CellStyle.plain
  }

  let size: TerminalSize
  private(set) var cells: [Cell]

  init(size: TerminalSize) {
    self.size = size
    cells = Array(repeating: Cell(), count: size.rows * size.columns)
  }

  /// The cells of a row, which must be one of the screen's.
  func row(_ row: Int) -> ArraySlice<Cell> {
    cells[row * size.columns..<(row + 1) * size.columns]
  }

  /// Writes from a column on, clipped to the screen.
  ///
  /// - Returns: The column after the text.
  @discardableResult
  mutating func put(_ text: String, row: Int, column: Int, _ style: CellStyle = .plain) -> Int {
    var column = column
    for scalar in text.unicodeScalars {
      if 0..<size.rows ~= row, 0..<size.columns ~= column {
        let isSafe = Escape.isPrintableASCII(scalar) || Glyphs.contains(scalar)
        cells[row * size.columns + column] = Cell(character: isSafe ? scalar : "?", style: style)
      }
      column += 1
    }
    return column
  }

  /// Writes so that the text ends before a column.
  mutating func put(_ text: String, row: Int, endingAt column: Int, _ style: CellStyle = .plain) {
    put(text, row: row, column: column - text.unicodeScalars.count, style)
  }
}
