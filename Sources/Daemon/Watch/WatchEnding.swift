// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Tells the main thread, which waits, that a watch is over and with which exit status.
final class WatchEnding: Sendable {
  private let finished = DispatchSemaphore(value: 0)
  private let status = Atomic(ExitStatus.success)

  func end(_ status: Int32) {
    self.status.store(status, ordering: .releasing)
    finished.signal()
  }

  func wait() -> Int32 {
    finished.wait()
    return status.load(ordering: .acquiring)
  }
}
