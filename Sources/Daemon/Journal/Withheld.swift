// SPDX-License-Identifier: Apache-2.0

import Multicast

/// Why datagrams have no entry of their own.
enum WithheldReason: Sendable {
  case budget
  case stall

  /// As the journal has it in MCAST_REASON.
  var text: String {
    switch self {
    case .budget: "budget"
    case .stall: "stall"
    }
  }
}

/// What a WARNING entry says about datagrams without an entry of their own.
struct WithheldSummary: Sendable {
  var reason: WithheldReason
  var count: UInt64
  /// From the first to the last, in nanoseconds.
  var span: Int64
  /// Loudest first.
  var loudest: [(source: IPAddress, count: UInt64)]
}

/// Datagrams that got no entry of their own since the last summary, for one reason. Counting one allocates nothing.
struct Withheld {
  private var count: UInt64 = 0
  /// Monotonic nanoseconds of the first and the last of them.
  private var first: Int64 = 0
  private var last: Int64 = 0
  private var loudest = LoudestSources()

  mutating func add(_ source: IPAddress, now: Int64) {
    if count == 0 { first = now }
    count += 1
    last = now
    loudest.add(source)
  }

  /// Nanoseconds since the first of them; 0 when there is none.
  func age(_ now: Int64) -> Int64 { count == 0 ? 0 : now - first }

  /// What there is to tell; nil when nothing was withheld. Starts again.
  mutating func take(_ reason: WithheldReason) -> WithheldSummary? {
    guard count > 0 else { return nil }
    defer { count = 0 }
    return WithheldSummary(reason: reason, count: count, span: last - first, loudest: loudest.take(3))
  }
}
