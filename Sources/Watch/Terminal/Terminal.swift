// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// The terminal on standard output, and the keyboard if standard input is a terminal, too: entered for
/// full-screen drawing and restored afterwards.
struct Terminal {
  /// The alternate screen, no cursor, no wrapping at the last column (xterm's control sequences).
  private static let enterSequence = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l"
  private static let leaveSequence = "\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

  /// Whether there is a keyboard.
  let hasKeys: Bool
  var output = TerminalOutput()
  private var saved: termios?

  /// Whether the alternate screen is shown.
  private(set) var isEntered = false

  init() {
    hasKeys = isatty(STDIN_FILENO) == 1
  }

  /// Whether standard output is a terminal.
  static var isThere: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether this process is in the foreground; a background job must not draw.
  var isForeground: Bool {
    let group = tcgetpgrp(STDOUT_FILENO)
    // Not the controlling terminal: no job control.
    return group < 0 || group == getpgrp()
  }

  var size: TerminalSize { TerminalSize(of: STDOUT_FILENO) }

  /// Enters the alternate screen and non-canonical mode without echo; keys still send signals.
  ///
  /// - Returns: 0, or the errno of write(2).
  mutating func enter() -> Int32 {
    guard !isEntered else { return 0 }
    isEntered = true
    var mode = termios()
    if hasKeys, tcgetattr(STDIN_FILENO, &mode) == 0 {
      saved = mode
      mode.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
      // Ctrl-S would freeze the screen.
      mode.c_iflag &= ~tcflag_t(IXON | ICRNL | INLCR)
      withUnsafeMutableBytes(of: &mode.c_cc) {
        $0[Int(VMIN)] = 1
        $0[Int(VTIME)] = 0
      }
      tcsetattr(STDIN_FILENO, TCSANOW, &mode)
    }
    return output.write(Array(Self.enterSequence.utf8))
  }

  /// Restores the terminal. Unread input is left for the shell.
  ///
  /// - Parameter line: printed on the normal screen.
  mutating func leave(saying line: String? = nil) {
    var text = isEntered ? Self.leaveSequence : ""
    if let line { text += line + "\n" }
    _ = output.write(Array(text.utf8))
    output.finish()
    guard isEntered else { return }
    isEntered = false
    guard var mode = saved else { return }
    saved = nil
    tcsetattr(STDIN_FILENO, TCSANOW, &mode)
  }

  /// Available input.
  ///
  /// - Returns: nil at the end of input.
  func readKeys() -> [UInt8]? {
    withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
      let count = read(STDIN_FILENO, buffer.baseAddress, buffer.count)
      if count > 0 { return Array(buffer[..<count]) }
      return count < 0 && (errno == EAGAIN || errno == EINTR) ? [] : nil
    }
  }
}
