// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

/// Counts heartbeats that are not authentic until they are reported. `add` allocates nothing once each reason
/// was seen.
struct Refusals {
  private var pace = SummaryPace()
  private var talkers = TopTalkers()
  private var reasons: [HeartbeatGate.Reason: UInt64] = [:]

  /// - Parameter now: CLOCK_MONOTONIC, in nanoseconds.
  mutating func add(_ reason: HeartbeatGate.Reason, from source: IPAddress, now: Int64) {
    pace.add(now: now)
    talkers.add(source)
    reasons[reason, default: 0] += 1
  }

  /// What is to be reported now, most frequent first; nil when there is nothing, or it is not time
  /// (`SummaryPace`).
  mutating func take(now: Int64) -> RefusedHeartbeats? {
    guard let numbers = pace.take(now: now, isFinal: false) else { return nil }
    defer { reasons.removeAll(keepingCapacity: true) }
    let sorted = reasons.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
    return RefusedHeartbeats(
      numbers: numbers, reasons: sorted.map { ($0.key, $0.value) }, loudest: talkers.take(3))
  }
}

/// Heartbeats that are not authentic, since this was last told.
package struct RefusedHeartbeats: Sendable {
  package var numbers: SummaryPace.Summary
  /// Most frequent first.
  package var reasons: [(reason: HeartbeatGate.Reason, count: UInt64)]
  /// The sources of the most, most first.
  package var loudest: [(source: IPAddress, count: UInt64)]

  package init(
    numbers: SummaryPace.Summary, reasons: [(reason: HeartbeatGate.Reason, count: UInt64)],
    loudest: [(source: IPAddress, count: UInt64)]
  ) {
    self.numbers = numbers
    self.reasons = reasons
    self.loudest = loudest
  }
}
