// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// A timer for the earliest of the deadlines it is given. It fires once and then waits for another.
///
/// A deadline that comes no earlier than the one set changes nothing: deadlines of peers move with every
/// heartbeat, and setting a timer wakes a thread. The handler therefore asks what is due, and may find
/// nothing.
package final class DeadlineTimer {
  private let timer: any DispatchSourceTimer
  /// Nanoseconds of CLOCK_MONOTONIC; nil when the timer is not set.
  private var due: Int64?

  /// - Parameter handler: called on the queue, where `set` must be called as well.
  package init(queue: DispatchQueue, _ handler: @escaping () -> Void) {
    timer = DispatchSource.makeTimerSource(queue: queue)
    timer.setEventHandler { [weak self] in
      self?.due = nil
      handler()
    }
    timer.activate()
  }

  deinit { timer.cancel() }

  /// - Parameter deadline: nanoseconds of CLOCK_MONOTONIC; nil changes nothing.
  package func set(_ deadline: Int64?) {
    guard let deadline, deadline < due ?? .max else { return }
    due = deadline
    timer.schedule(deadline: DispatchTime(uptimeNanoseconds: UInt64(max(0, deadline))))
  }
}
