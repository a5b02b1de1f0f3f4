// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Platform

/// Whether every loop runs, told by the loops themselves.
///
/// A loop shows itself whenever it does its work. One that had none for a while is asked on its own queue,
/// and answers there. systemd is told WATCHDOG=1 only when each has run within the last quarter of the
/// watchdog's time, so that a loop that hangs is noticed although all the others run. The journal's writer is
/// not asked: a journal that is stalled is no reason to restart.
final class LoopWatchdog: Sendable {
  struct Loop: Sendable {
    var queue: DispatchQueue
    /// Which the loop beats.
    var progress: ProgressMark
    /// Asked on `queue`.
    var isWell: @Sendable () -> Bool
  }

  private let loops: [Loop]

  init(_ loops: [Loop]) { self.loops = loops }

  /// Asks the loops that have not shown themselves for so long (ns); those that are well answer when they
  /// come to it.
  func ask(ifOlderThan age: Int64) {
    for loop in loops where loop.progress.age > age {
      loop.queue.async { if loop.isWell() { loop.progress.touch() } }
    }
  }

  /// - Parameter age: nanoseconds.
  func haveAllRun(within age: Int64) -> Bool { loops.allSatisfy { $0.progress.age <= age } }
}
