// SPDX-License-Identifier: Apache-2.0

/// Detects a snooping switch without a querier: its membership entry expires and the group falls silent.
///
/// A switch with IGMP or MLD snooping forwards a group only to ports that sent a report within the last
/// ~260 s (RFC 3376, 8.4), and hosts report when a querier asks. Without a querier the group falls silent
/// ~260 s after the join, and a restart "cures" it. So when all peers on an interface are silent, the group
/// is rejoined, which sends a report. If heartbeats arrive at once, the cause was the expired membership.
///
/// A single peer may have restarted at that moment, or its sender may have paused. For a single peer the time
/// from join to silence must therefore be the usual one, or repeat and be long against its interval. Pure;
/// times are nanoseconds of CLOCK_MONOTONIC.
struct QuerierProbe: Equatable, Sendable {
  /// Usual time until a switch drops a member (RFC 3376, 8.4), with the peer's interval as tolerance.
  static let usual: ClosedRange<Int64> = 245_000_000_000...275_000_000_000
  /// A sender with a shorter interval is taken for one with this: a report of ours takes a while, and senders
  /// pause.
  static let shortestInterval: Int64 = 1_000_000_000

  /// Time of the rejoin under test; nil when there is none.
  private var attempt: Int64?
  /// Time from the previous join to the last arrival.
  private var heardFor: Int64 = 0
  private var interval = shortestInterval
  private var isNetwork = false
  /// `heardFor` of the previous rejoin, if it succeeded.
  private var before: Int64?

  /// All peers are silent and the group is about to be rejoined.
  ///
  /// - Parameters:
  ///   - joined: time of the last join.
  ///   - last: time of the last arrival.
  ///   - interval: at which that peer was expected, in nanoseconds.
  ///   - isNetwork: whether several peers stopped together.
  mutating func begin(joined: Int64, at now: Int64, last: Int64, interval: Int64, isNetwork: Bool) {
    // Several peers that fall silent at the same time are one silence.
    guard attempt != now else { return }
    heardFor = max(0, last - joined)
    attempt = now
    self.interval = max(interval, Self.shortestInterval)
    self.isNetwork = isNetwork
  }

  /// A peer is heard again.
  ///
  /// - Parameter time: time of arrival, not of processing.
  /// - Returns: time from the join to the last arrival (ns), if the rejoin ended the silence.
  mutating func heard(at time: Int64) -> Int64? {
    guard let attempt else { return nil }
    self.attempt = nil
    // A peer is alive after two heartbeats, and the report takes a while.
    guard time - attempt <= interval * 5 / 2 + 1_000_000_000 else {
      before = nil
      return nil
    }
    let isSame = before.map { abs($0 - heardFor) <= max(heardFor / 8, 2 * interval) } ?? false
    let isRepeated = isSame && heardFor >= 20 * interval
    before = heardFor
    return isNetwork || isRepeated || Self.usual.contains(heardFor) ? heardFor : nil
  }
}
