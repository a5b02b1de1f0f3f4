// SPDX-License-Identifier: Apache-2.0

import Glibc

extension JournalSocket {
  /// Waits until journald has dealt with everything that was sent, so that the process may end.
  ///
  /// journald looks up the unit of an entry by the sender's process: what a process sends last would be in the journal,
  /// but not in `journalctl -u`, if the process were gone before journald came to it.
  ///
  /// The kernel tells how much of ours is unread (SIOCOUTQ, unix(7)). An empty datagram, which the protocol ignores, is
  /// sent after the last entry: once it has been read as well, the entry before it has been processed.
  ///
  /// - Returns: false when journald did not get that far within `timeout`.
  @discardableResult
  package func settle(within timeout: Duration) -> Bool {
    let deadline = ContinuousClock.now + timeout
    guard waitUntilRead(deadline) else { return false }
    _ = Glibc.send(descriptor, nil, 0, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    return waitUntilRead(deadline)
  }

  private func waitUntilRead(_ deadline: ContinuousClock.Instant) -> Bool {
    while true {
      var unread: Int32 = 0
      guard ioctl(descriptor, UInt(TIOCOUTQ), &unread) == 0 else { return false }
      if unread == 0 { return true }
      guard ContinuousClock.now < deadline else { return false }
      var pause = timespec(tv_sec: 0, tv_nsec: 500_000)
      nanosleep(&pause, nil)
    }
  }
}
