// SPDX-License-Identifier: Apache-2.0

import Platform

/// When something that goes on is told of again: at once, after 10 s, after a minute, then every hour, so
/// that what lasts for days has some thirty entries a day in the journal and not one a second. Ten quiet
/// minutes end it, and what comes then is told at once again.
///
/// It is asked about once a second, which is how much of a beginning the first entry holds. A pure value;
/// time is passed in, in monotonic nanoseconds.
package struct SummaryPace: Equatable, Sendable {
  /// From one entry to the next, in nanoseconds; the last one holds from then on.
  package static let waits: [Int64] = [10_000_000_000, 60_000_000_000, 3_600_000_000_000]
  /// So long without an event ends it, in nanoseconds.
  package static let quiet: Int64 = 600_000_000_000

  /// What an entry says. Spans are in nanoseconds.
  package struct Summary: Equatable, Sendable {
    /// Events since the entry before.
    package var count: UInt64
    /// From the first to the last of those.
    package var span: Int64
    /// Events since it began.
    package var total: UInt64
    /// From the first of all to the last.
    var totalSpan: Int64
  }

  private var count: UInt64 = 0
  private var first: Int64 = 0
  private var last: Int64 = 0
  private var total: UInt64 = 0
  private var began: Int64 = 0
  /// Entries since it began, and when the last one was.
  private var told = 0
  private var toldAt: Int64 = 0

  package init() {}

  /// Events that no entry has told of yet.
  package var waiting: UInt64 { count }

  /// Nanoseconds since the first that no entry has told of; 0 when there is none.
  package func age(_ now: Int64) -> Int64 { count == 0 ? 0 : now - first }

  /// - Parameters:
  ///   - events: how many.
  ///   - start: when the first of them was, where that is known; not after `now`.
  package mutating func add(_ events: UInt64 = 1, since start: Int64? = nil, now: Int64) {
    guard events > 0 else { return }
    if total == 0 || (count == 0 && now - last >= Self.quiet) {
      (total, told) = (0, 0)
      began = start ?? now
    }
    if count == 0 { first = start ?? now }
    count &+= events
    total &+= events
    last = max(last, now)
  }

  /// What there is to tell now; nil when there is nothing or it is not time.
  ///
  /// - Parameter isFinal: whether there will be no other call.
  package mutating func take(now: Int64, isFinal: Bool = false) -> Summary? {
    guard count > 0, isFinal || now >= due else { return nil }
    defer {
      count = 0
      told += 1
      toldAt = now
    }
    return Summary(
      count: count, span: max(0, last - first), total: total, totalSpan: max(0, last - began))
  }

  /// When what waits is told: as the wait says, or when it has been quiet for so long that it is over.
  private var due: Int64 {
    guard told > 0 else { return .min }
    return min(toldAt + Self.waits[min(told - 1, Self.waits.count - 1)], last + Self.quiet)
  }
}

extension SummaryPace.Summary {
  /// For the second entry and later ones, what goes on: `; 5000 in all within 70.2 s`.
  package var sofar: String {
    total == count ? "" : "; \(total) in all within \(DurationText.words(totalSpan))"
  }

  /// The fields of an entry. The total has its own, so that the counts of all entries can be added up.
  ///
  /// - Parameter count: the name of the field with the events since the entry before.
  package func fields(_ count: String) -> [String: String] {
    [
      count: "\(self.count)", "MCAST_SPAN_USEC": "\(span / 1000)", "MCAST_TOTAL": "\(total)",
      "MCAST_TOTAL_SPAN_USEC": "\(totalSpan / 1000)",
    ]
  }
}
