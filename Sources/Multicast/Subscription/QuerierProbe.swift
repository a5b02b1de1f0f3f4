// SPDX-License-Identifier: Apache-2.0

/// Finds out whether the silence of an interface is a switch that forgot us.
///
/// A switch with IGMP or MLD snooping forwards a group only to ports from which a report came within the last
/// ~260 s (RFC 3376, 8.4), and hosts report when a querier asks. Where there is no querier the group falls
/// quiet ~260 s after the join, and a restart "cures" it. So when everybody on an interface falls silent the
/// group is joined anew, which sends a report: if they are heard at once, that was it.
///
/// Nothing is said on a guess. A single peer may as well have been started again at that moment: of it the
/// time must be the usual one, or the same twice, and long against its interval, for a sender may also pause
/// by itself. Pure; times are nanoseconds of CLOCK_MONOTONIC.
struct QuerierProbe: Equatable, Sendable {
  /// What a switch usually takes to forget a member (RFC 3376, 8.4), and what a peer's interval adds to it.
  static let usual: ClosedRange<Int64> = 245_000_000_000...275_000_000_000

  /// When the group was joined anew to see whether that helps; nil while nothing is tried.
  private var attempt: Int64?
  /// When somebody was heard last before it.
  private var last: Int64 = 0
  /// For how long peers were heard after the join before the attempt.
  private var heardFor: Int64 = 0
  private var isNetwork = false
  /// `heardFor` of the attempt before, when that one helped.
  private var before: Int64?

  /// Nobody is heard any more, and the group is about to be joined anew.
  ///
  /// - Parameters:
  ///   - joined: when the group was joined last.
  ///   - last: when somebody was heard last.
  ///   - isNetwork: whether several peers stopped together.
  mutating func begin(joined: Int64, at now: Int64, last: Int64, isNetwork: Bool) {
    // Several that fell silent at one moment are one silence.
    guard attempt != now else { return }
    heardFor = max(0, last - joined)
    attempt = now
    self.last = last
    self.isNetwork = isNetwork
  }

  /// When somebody was heard again after a silence of this length (ns); nil where nothing is tried.
  func end(of silence: Int64) -> Int64? { attempt == nil ? nil : last + silence }

  /// Somebody is heard again.
  ///
  /// - Parameters:
  ///   - time: when it was heard, and not when that was noticed.
  ///   - interval: how often it is expected to be heard, in nanoseconds.
  /// - Returns: for how long the group was heard after a join before it fell quiet (ns), when joining anew
  ///   has cured it.
  mutating func heard(at time: Int64, interval: Int64) -> Int64? {
    guard let attempt else { return nil }
    self.attempt = nil
    // Two beats make a peer alive, and the report takes a while.
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
