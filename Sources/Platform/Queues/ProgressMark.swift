// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Time of the loop's last progress, for the watchdog, which reads it from another queue.
package final class ProgressMark: Sendable {
  private let last: Atomic<Int64>

  package init() { last = Atomic(Clocks.monotonic()) }

  /// Marks progress now.
  package func touch() { last.store(Clocks.monotonic(), ordering: .relaxed) }

  /// Nanoseconds since the last mark.
  package var age: Int64 { Clocks.monotonic() - last.load(ordering: .relaxed) }
}
