// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Platform

/// Checks that every loop makes progress.
///
/// A loop touches its `ProgressMark` as it works. An idle one is probed by a block on its own queue.
/// WATCHDOG=1 is sent only if each has run within the last quarter of the timeout, so that one hanging loop
/// is enough to be restarted. The journal writer is not watched: a stalled journal is no reason to restart.
final class LoopWatchdog: Sendable {
  struct Loop: Sendable {
    var queue: DispatchQueue
    /// Touched by the loop.
    var progress: ProgressMark
    /// Called on `queue`.
    var isWell: @Sendable () -> Bool
  }

  private let loops: [Loop]

  init(_ loops: [Loop]) { self.loops = loops }

  /// Probes the loops whose last progress is older than this (ns). A healthy loop touches its mark in turn.
  func ask(ifOlderThan age: Int64) {
    for loop in loops where loop.progress.age > age {
      loop.queue.async { if loop.isWell() { loop.progress.touch() } }
    }
  }

  /// - Parameter age: nanoseconds.
  func haveAllRun(within age: Int64) -> Bool { loops.allSatisfy { $0.progress.age <= age } }
}
