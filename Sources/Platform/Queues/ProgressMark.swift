// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// When a loop last showed that it runs. The watchdog reads it from another queue.
package final class ProgressMark: Sendable {
  private let last: Atomic<Int64>

  package init() { last = Atomic(MonotonicClock.now()) }

  /// The loop runs now.
  package func touch() { last.store(MonotonicClock.now(), ordering: .relaxed) }

  /// Nanoseconds since the loop last showed itself.
  package var age: Int64 { MonotonicClock.now() - last.load(ordering: .relaxed) }
}
