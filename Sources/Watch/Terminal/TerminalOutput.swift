// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Non-blocking output to the terminal: a stalled connection must hold up neither the receiver nor the exit.
struct TerminalOutput {
  private let opened: Descriptor?
  private var descriptor: Int32 { opened?.number ?? STDOUT_FILENO }
  /// Bytes that the terminal has not accepted yet.
  private var pending: [UInt8] = []

  init() {
    // Opened anew: O_NONBLOCK on the inherited descriptor would apply to the shell as well. Another user's
    // terminal (su, sudo -u) cannot be opened: then writes block.
    guard let path = ttyname(STDOUT_FILENO).map({ String(cString: $0) }),
      let opened = try? OwnedDescriptor(opening: path, O_WRONLY | O_NOCTTY | O_NONBLOCK)
    else {
      self.opened = nil
      return
    }
    self.opened = Descriptor(opened)
  }

  /// Whether the last frame is written and the terminal accepts another. Frames are skipped whole, never cut.
  mutating func isReady() -> Bool {
    guard flush() == 0, pending.isEmpty else { return false }
    return wait(atMost: .zero)
  }

  /// Writes what the terminal accepts, and keeps the rest.
  ///
  /// - Returns: 0, or the errno of write(2): EIO after a hangup.
  mutating func write(_ bytes: [UInt8]) -> Int32 {
    pending += bytes
    return flush()
  }

  /// Writes the rest, for at most 5 s.
  mutating func finish() {
    var attempts = 0
    while flush() == 0, !pending.isEmpty, attempts < 50 {
      _ = wait(atMost: .milliseconds(100))
      attempts += 1
    }
    pending = []
  }

  private mutating func flush() -> Int32 {
    while !pending.isEmpty {
      let written = pending.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 {
        pending.removeFirst(written)
      } else if errno == EAGAIN {
        return 0
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }

  private func wait(atMost limit: Duration) -> Bool {
    Poll.wait(for: POLLOUT, on: [descriptor], atMost: limit) == 1
  }
}
