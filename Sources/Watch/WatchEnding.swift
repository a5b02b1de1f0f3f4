// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Platform
import Synchronization

/// Tells the main thread, which waits, that a watch is over and with which exit status.
final class WatchEnding: Sendable {
  private let finished = DispatchSemaphore(value: 0)
  private let status = Atomic(ExitStatus.success)
  private let isOver = Atomic(false)
  /// Never blocked: nothing is written on it.
  private let queue = DispatchQueue(label: "mcastd.watch.ending")

  /// The first call holds.
  func end(_ status: Int32) {
    guard !isOver.exchange(true, ordering: .relaxed) else { return }
    self.status.store(status, ordering: .releasing)
    finished.signal()
  }

  func wait() -> Int32 {
    finished.wait()
    return status.load(ordering: .acquiring)
  }

  /// Ends the watch by SIGINT, SIGTERM and SIGHUP, also one that is stuck in a write.
  ///
  /// - Parameters:
  ///   - limit: how long `body` may take before the process ends without it.
  ///   - body: called for each signal; is to end the watch in an orderly way.
  /// - Returns: the sources, to be kept.
  func onSignal(
    within limit: Duration, _ body: @escaping @Sendable () -> Void
  ) -> [any DispatchSourceSignal] {
    Signals.sources(on: queue) { [self] _ in
      body()
      queue.asyncAfter(deadline: .now() + .nanoseconds(Int(limit.nanoseconds))) { [self] in
        end(ExitStatus.success)
      }
    }
  }
}
