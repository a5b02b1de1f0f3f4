// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Carries the exit status from whichever queue ends the program to the main thread, which waits for it.
package final class ExitSignal: Sendable {
  private let status = Mutex<Int32?>(nil)
  // dispatchMain() would wait with an empty signal mask; a semaphore leaves it alone.
  private let isOver = DispatchSemaphore(value: 0)

  package init() {}

  /// The first call decides.
  package func end(_ status: Int32) {
    let isFirst = self.status.withLock { held in
      defer { held = held ?? status }
      return held == nil
    }
    if isFirst { isOver.signal() }
  }

  /// Waits for `end`.
  package func wait() -> Int32 {
    isOver.wait()
    return status.withLock { $0 } ?? ExitStatus.success
  }
}
