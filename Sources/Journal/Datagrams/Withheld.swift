// SPDX-License-Identifier: Apache-2.0

import Platform

/// Why datagrams have no entry of their own.
package enum WithheldReason: Sendable {
  case budget
  case stall

  /// As the journal has it in MCAST_REASON.
  package var text: String {
    switch self {
    case .budget: "budget"
    case .stall: "stall"
    }
  }
}

/// What a WARNING entry says about datagrams without an entry of their own.
package struct WithheldSummary: Sendable {
  package var reason: WithheldReason
  package var numbers: SummaryPace.Summary
  /// Loudest first, of those that no entry before told of.
  package var loudest: [(source: IPAddress, count: UInt64)]
}

/// Datagrams that got no entry of their own since the last summary, for one reason. Counting one allocates nothing.
struct Withheld {
  private var pace = SummaryPace()
  private var loudest = LoudestSources()

  mutating func add(_ source: IPAddress, now: Int64) {
    pace.add(now: now)
    loudest.add(source)
  }

  /// Nanoseconds since the first of them; 0 when there is none.
  func age(_ now: Int64) -> Int64 { pace.age(now) }

  /// What there is to tell; nil when nothing was withheld, or it is not time. Starts again.
  mutating func take(_ reason: WithheldReason, now: Int64, isFinal: Bool) -> WithheldSummary? {
    guard let numbers = pace.take(now: now, isFinal: isFinal) else { return nil }
    return WithheldSummary(reason: reason, numbers: numbers, loudest: loudest.take(3))
  }
}
