// SPDX-License-Identifier: Apache-2.0

/// How many characters a terminal shows.
package struct TerminalSize: Equatable, Sendable {
  package let columns: Int
  package let rows: Int

  /// What every terminal had once, for one that does not tell (a serial line).
  package static let standard = TerminalSize(columns: 80, rows: 24)

  /// At least one character, and no more than a screen that somebody could look at: a window size is whatever
  /// TIOCSWINSZ said.
  package init(columns: Int, rows: Int) {
    self.columns = max(1, min(columns, 1000))
    self.rows = max(1, min(rows, 500))
  }
}
