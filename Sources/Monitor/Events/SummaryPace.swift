// SPDX-License-Identifier: Apache-2.0

import Platform

/// When a condition that lasts is reported again: at once, after 10 s, after a minute, then every hour, so
/// that one that lasts for days has some thirty entries a day. Ten minutes without an event end it; the next
/// event is reported at once.
///
/// `take` is called about once a second, so the first entry covers the first second. A pure value; time is
/// passed in, in monotonic nanoseconds.
package struct SummaryPace: Equatable, Sendable {
  /// From one entry to the next, in ns; the last one repeats.
  private static let waits: [Int64] = [10_000_000_000, 60_000_000_000, 3_600_000_000_000]
  /// Time without an event that ends the condition, in ns.
  static let quiet: Int64 = 600_000_000_000

  /// The numbers of an entry. Spans are in ns.
  package struct Summary: Equatable, Sendable {
    /// Events since the previous entry.
    package var count: UInt64
    /// From the first to the last of these.
    package var span: Int64
    /// Events since the condition began.
    package var total: UInt64
    /// From the first to the last of these.
    var totalSpan: Int64
  }

  private var count: UInt64 = 0
  private var first: Int64 = 0
  private var last: Int64 = 0
  private var total: UInt64 = 0
  private var began: Int64 = 0
  /// Entries since the condition began, and the time of the last one.
  private var reports = 0
  private var reported: Int64 = 0

  package init() {}

  /// Nanoseconds since the first event not reported yet; 0 when there is none.
  package func age(_ now: Int64) -> Int64 { count == 0 ? 0 : now - first }

  /// - Parameters:
  ///   - events: their number.
  ///   - start: the time of the first, where it is known; not after `now`.
  package mutating func add(_ events: UInt64 = 1, since start: Int64? = nil, now: Int64) {
    guard events > 0 else { return }
    if total == 0 || (count == 0 && now - last >= Self.quiet) {
      (total, reports) = (0, 0)
      began = start ?? now
    }
    if count == 0 { first = start ?? now }
    count &+= events
    total &+= events
    last = max(last, now)
  }

  /// The numbers to be reported now; nil when there are none or it is not time.
  ///
  /// - Parameter isFinal: whether there will be no other call.
  package mutating func take(now: Int64, isFinal: Bool) -> Summary? {
    guard count > 0, isFinal || now >= due else { return nil }
    defer {
      count = 0
      reports += 1
      reported = now
    }
    return Summary(
      count: count, span: max(0, last - first), total: total, totalSpan: max(0, last - began))
  }

  /// When what is pending is reported: after the current wait, or when the condition has ended.
  private var due: Int64 {
    guard reports > 0 else { return .min }
    return min(reported + Self.waits[min(reports - 1, Self.waits.count - 1)], last + Self.quiet)
  }
}

extension SummaryPace.Summary {
  /// From the second entry on, the total: `; 5000 in all within 70.2 s`. Otherwise empty.
  package var sofar: String {
    total == count ? "" : "; \(total) in all within \(DurationText.words(totalSpan))"
  }

  /// The fields of an entry. The total is separate, so that the counts of all entries can be added up.
  ///
  /// - Parameter count: the name of the field for `count`.
  package func fields(_ count: String) -> [String: String] {
    [
      count: "\(self.count)", "MCAST_SPAN_USEC": "\(span / 1000)", "MCAST_TOTAL": "\(total)",
      "MCAST_TOTAL_SPAN_USEC": "\(totalSpan / 1000)",
    ]
  }
}
