// SPDX-License-Identifier: Apache-2.0

/// Whether a heartbeat was sent just now, by the clocks of its host and ours: what was recorded earlier and
/// is sent again is not.
package enum Freshness: Equatable, Sendable {
  case fresh
  /// The host's clock is ahead of ours by so many microseconds, more than is allowed; behind, if negative.
  case off(microseconds: Int64)

  /// The difference that is always allowed, in microseconds: clocks that nobody sets, and the network.
  static let least: Int64 = 5_000_000
  /// The same in intervals.
  static let intervals: Int64 = 3

  /// Within half of what is allowed: a clock that was off counts as right again, and does not at each delay.
  package static func isClearlyFresh(sent: Int64, now: Int64, every: Int64) -> Bool {
    Freshness(sent: sent, now: now, every: every, share: 2) == .fresh
  }

  /// - Parameters:
  ///   - sent: The time in the heartbeat, UTC, in microseconds since 1970. Any number.
  ///   - now: CLOCK_REALTIME in microseconds. Any number.
  ///   - every: The interval of the host's heartbeats as it says, in nanoseconds; 0 where it does not. Any
  ///     number.
  package init(sent: Int64, now: Int64, every: Int64) {
    self.init(sent: sent, now: now, every: every, share: 1)
  }

  private init(sent: Int64, now: Int64, every: Int64, share: UInt64) {
    let (product, overflow) = every.multipliedReportingOverflow(by: Self.intervals)
    let allowed = max(Self.least, overflow ? (every < 0 ? 0 : .max) : product / 1000)
    let (difference, isBeyond) = sent.subtractingReportingOverflow(now)
    let ahead = isBeyond ? (sent < now ? .min : .max) : difference
    self = ahead.magnitude <= allowed.magnitude / share ? .fresh : .off(microseconds: ahead)
  }
}
