// SPDX-License-Identifier: Apache-2.0

import Liveness
import Monitor
import Synchronization

/// Counts of peers by state, and the conditions that suspend verdicts.
struct PeerSummary: Equatable, Sendable {
  var counts = PeerCounts()
  var conditions: [Condition] = []
}

/// The summary of peers, for the status line (`StatusLine`) and `GetStatus`: other queues read it without
/// waiting for the receive loop.
package final class StatusSink: Sendable {
  private struct State: Sendable {
    var summary = PeerSummary()
    var changed: @Sendable () -> Void = {}
  }

  private let state = Mutex(State())

  package init() {}

  /// As of the last judgement, the counts as of the last tick.
  var summary: PeerSummary { state.withLock { $0.summary } }

  /// - Parameter changed: Called on the receive loop when the summary changed: of conditions at once, of
  ///   counts about once a second.
  func onChange(_ changed: @escaping @Sendable () -> Void) { state.withLock { $0.changed = changed } }

  /// A judgement is complete.
  ///
  /// - Parameter isTick: False to take note of a change of conditions only; counts may change a hundred
  ///   times a second.
  func finish(_ monitor: Monitor, isTick: Bool) {
    let summary = PeerSummary(counts: monitor.liveness.counts, conditions: monitor.liveness.conditions)
    let changed = state.withLock { state -> (@Sendable () -> Void)? in
      guard state.summary != summary, isTick || state.summary.conditions != summary.conditions else {
        return nil
      }
      state.summary = summary
      return state.changed
    }
    changed?()
  }
}
