// SPDX-License-Identifier: Apache-2.0

/// A timer of an `EventLoop`, until it is let go of. Any thread.
package final class LoopTimer: Sendable {
  private let loop: EventLoop
  private let token: UInt64

  /// A timer that runs once for each time that it is set.
  ///
  /// - Parameters:
  ///   - leeway: How much later it may run than it is due, in nanoseconds, to share a wake-up.
  ///   - handler: Called on the loop.
  package init(on loop: EventLoop, leeway: Int64 = 0, _ handler: @escaping @Sendable () -> Void) {
    self.loop = loop
    token = loop.addTimer(leeway: leeway, handler)
  }

  /// A timer that runs again and again, `period` nanoseconds after it ran last.
  package init(
    on loop: EventLoop, every period: Int64, leeway: Int64, _ handler: @escaping @Sendable () -> Void
  ) {
    self.loop = loop
    token = loop.addTimer(leeway: leeway, period: period, due: Clocks.monotonic() + period, handler)
  }

  deinit { loop.changeTimers { $0.remove(token) } }

  /// - Parameter due: nanoseconds of CLOCK_MONOTONIC; nil for never.
  package func set(_ due: Int64?) { loop.changeTimers { $0.set(token, to: due) } }

  /// As `set`, unless it is due earlier already.
  package func bringForward(to due: Int64) { loop.changeTimers { $0.bringForward(token, to: due) } }
}

extension EventLoop {
  /// Resumes the caller after so many nanoseconds, by this loop.
  package func pause(_ nanoseconds: Int64) async {
    var timer: LoopTimer?
    await withCheckedContinuation { continuation in
      timer = LoopTimer(on: self) { continuation.resume() }
      timer?.set(Clocks.monotonic() + nanoseconds)
    }
    withExtendedLifetime(timer) {}
  }
}
