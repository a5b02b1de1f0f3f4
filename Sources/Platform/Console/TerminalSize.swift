// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How many characters a terminal shows.
package struct TerminalSize: Equatable, Sendable {
  package let columns: Int
  package let rows: Int

  /// Fallback where TIOCGWINSZ gives nothing (serial console): 80 × 24.
  package static let standard = TerminalSize(columns: 80, rows: 24)

  /// At least one character, and at most 1000 × 500: a window size is whatever TIOCSWINSZ set.
  package init(columns: Int, rows: Int) {
    self.columns = max(1, min(columns, 1000))
    self.rows = max(1, min(rows, 500))
  }

  /// The size of the terminal that a descriptor is (TIOCGWINSZ, ioctl_tty(2)).
  package init(of descriptor: Int32) {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else {
      self = .standard
      return
    }
    self.init(
      columns: size.ws_col > 0 ? Int(size.ws_col) : Self.standard.columns,
      rows: size.ws_row > 0 ? Int(size.ws_row) : Self.standard.rows)
  }
}
