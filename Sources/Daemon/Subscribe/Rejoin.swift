// SPDX-License-Identifier: Apache-2.0

/// Finds out whether a silence of the whole network is a switch that forgot us.
///
/// A switch with IGMP or MLD snooping forwards a group only to ports from which a report came within the last ~260 s,
/// and hosts report when a querier asks. Where there is no querier the group falls quiet ~260 s after the join, and a
/// restart "cures" it. So when the network falls silent the group is joined anew, which sends a report: if peers are
/// heard at once, that was it. Nothing is said on a guess. A pure value; times are monotonic nanoseconds.
struct Rejoin: Equatable {
  /// Peers that are heard within this time of a new join are heard because of it.
  static let window: Int64 = 10_000_000_000
  /// Once an hour is often enough to say it.
  static let quiet: Int64 = 3_600_000_000_000

  private var lastJoin: Int64 = 0
  private var attempt: Int64?
  private var lastTold: Int64?

  /// The group was joined for another reason than this one.
  mutating func joined(at now: Int64) { lastJoin = now }

  /// The network fell silent: whether to join anew.
  mutating func networkSilent(at now: Int64) -> Bool {
    attempt = now
    return true
  }

  /// The network is heard again.
  ///
  /// - Returns: for how long it was heard after the last join before it fell silent, in nanoseconds, when joining anew
  ///   has cured it and that was not said lately.
  mutating func networkHeard(at now: Int64) -> Int64? {
    guard let attempt else { return nil }
    self.attempt = nil
    let heardFor = attempt - lastJoin
    guard now - attempt <= Self.window else { return nil }
    lastJoin = attempt
    if let lastTold, now - lastTold < Self.quiet { return nil }
    lastTold = now
    return heardFor
  }
}
