// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Writes to the terminal on standard output without ever waiting for it: a connection that hangs must hold up
/// neither the receiver nor the end of the program.
struct TerminalOutput {
  private let opened: Descriptor?
  private var descriptor: Int32 { opened?.number ?? STDOUT_FILENO }
  /// What the terminal has not taken yet.
  private var pending: [UInt8] = []

  init() {
    // Opened anew, because O_NONBLOCK on the one we were given would hold for the shell as well. Somebody else's
    // terminal (su, sudo -u) cannot be opened: there is nothing to be done but to wait for it.
    guard let path = ttyname(STDOUT_FILENO).map({ String(cString: $0) }),
      let opened = try? OwnedDescriptor(opening: path, O_WRONLY | O_NOCTTY | O_NONBLOCK)
    else {
      self.opened = nil
      return
    }
    self.opened = Descriptor(opened)
  }

  /// Whether all was taken, and more would be. A screen that is not drawn is drawn later; half a one would be a mess.
  mutating func isReady() -> Bool {
    guard flush() == 0, pending.isEmpty else { return false }
    return wait(atMost: .zero)
  }

  /// Hands over as much as is taken, and keeps the rest.
  ///
  /// - Returns: 0, or the errno of write(2): EIO after the connection is gone.
  mutating func write(_ bytes: [UInt8]) -> Int32 {
    pending += bytes
    return flush()
  }

  /// Waits for the rest to be taken, for five seconds at most.
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
