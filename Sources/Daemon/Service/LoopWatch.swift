// SPDX-License-Identifier: Apache-2.0

import Dispatch
import EventLoop

/// Whether every loop runs, told by the loops themselves: each is asked on its own queue, and answers there.
///
/// systemd is told WATCHDOG=1 only when each has answered within the last quarter of the watchdog's time, so that a
/// loop that hangs is noticed although all the others run. The journal's writer is not asked: a journal that is
/// stalled is no reason to restart.
final class LoopWatch: Sendable {
  struct Loop: Sendable {
    var queue: DispatchQueue
    /// Asked on `queue`.
    var isWell: @Sendable () -> Bool
    fileprivate let pulse = Pulse()

    init(queue: DispatchQueue, isWell: @escaping @Sendable () -> Bool) {
      self.queue = queue
      self.isWell = isWell
    }
  }

  private let loops: [Loop]

  init(_ loops: [Loop]) { self.loops = loops }

  /// Asks every loop; those that are well answer when they come to it.
  func ask() {
    for loop in loops {
      loop.queue.async { if loop.isWell() { loop.pulse.beat() } }
    }
  }

  /// - Parameter age: nanoseconds.
  func allAnswered(within age: Int64) -> Bool { loops.allSatisfy { $0.pulse.age <= age } }
}
