// SPDX-License-Identifier: Apache-2.0

import Platform

// The lines beneath a peer's row: what it says.
extension FrameRenderer {
  /// Draws the readings of a peer from a row on.
  ///
  /// - Parameter lines: How many there are.
  func drawReadings(
    _ readings: FrameReadings, of peer: Int, lines count: Int, at now: LiveModel.Moment, row: Int,
    on screen: inout Screen
  ) {
    let (lines, more) = readings.lines(of: peer, count)
    let grid = readings.grid
    for (row, line) in zip(row..., lines) {
      for (cell, place) in line {
        draw(
          cell, at: now, row: row, column: grid.start + place.place * grid.width,
          room: grid.room(span: place.span), on: &screen)
      }
    }
    let text = "+\(more) more"
    // In the two columns before the first place nothing stands.
    if more > 0, text.utf8.count <= grid.start - 2 {
      screen.put(text, row: row + lines.count - 1, endingAt: grid.start - 2, .dim)
    }
  }

  /// `temp.inlet 24.5C       ▄▄▄▅▅▆▆▇▇▇▇▇`
  private func draw(
    _ cell: ReadingCell, at now: LiveModel.Moment, row: Int, column: Int, room: Int, on screen: inout Screen
  ) {
    var end = column
    for (text, style) in cell.texts(in: room, glyphs) {
      if end > column { end += 1 }
      end = screen.put(text, row: row, column: end, style)
    }
    let width = cell.sparkWidth(in: room)
    guard width > 0, let numbers = cell.numbers else { return }
    let heights = NumberHistory.heights(numbers.means(parts: width, until: now.monotonic))
    screen.put(heights.map(bar).joined(), row: row, endingAt: column + room, cell.sparkStyle)
  }

  /// The lowest bar is left out: in ASCII it cannot be seen, and would look like nothing known.
  private func bar(_ height: Double?) -> String {
    guard let height else { return " " }
    let level = 1 + Int((height * Double(glyphs.bars.count - 2)).rounded())
    return String(glyphs.bars[max(1, min(level, glyphs.bars.count - 1))])
  }
}
