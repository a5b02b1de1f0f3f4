// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Platform

/// Checks that every loop makes progress.
///
/// A loop touches its `ProgressMark` as it works. An idle one is probed by a block on its own queue.
/// WATCHDOG=1 is due within the limit, and is sent only if each loop has run within a quarter of it, so that
/// one hanging loop is enough to be restarted. The journal writer is not watched: a stalled journal is no
/// reason to restart.
package struct LoopWatchdog: Sendable {
  package struct Loop: Sendable {
    private(set) var queue: DispatchQueue
    private(set) var progress: ProgressMark
    private(set) var isWell: @Sendable () -> Bool

    /// - Parameters:
    ///   - progress: Touched by the loop as it works.
    ///   - isWell: Called on `queue`, where the loop is idle.
    package init(
      queue: DispatchQueue, progress: ProgressMark, isWell: @escaping @Sendable () -> Bool = { true }
    ) {
      self.queue = queue
      self.progress = progress
      self.isWell = isWell
    }
  }

  private let limit: Int64
  private let loops: [Loop]

  /// - Parameter limit: WATCHDOG_USEC, in nanoseconds.
  package init(limit: Int64, _ loops: [Loop]) {
    self.limit = limit
    self.loops = loops
  }

  /// How often to check, in nanoseconds.
  package var interval: Int64 { limit / 5 }

  /// Probes the loops that made no progress lately; a healthy one touches its mark in turn.
  ///
  /// - Returns: Whether all have run recently enough for WATCHDOG=1.
  package func check() -> Bool {
    defer {
      for loop in loops where loop.progress.age > limit / 8 {
        loop.queue.async { if loop.isWell() { loop.progress.touch() } }
      }
    }
    return loops.allSatisfy { $0.progress.age <= limit / 4 }
  }
}
