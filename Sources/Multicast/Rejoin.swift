// SPDX-License-Identifier: Apache-2.0

/// Finds out whether a silence is a switch that forgot us.
///
/// A switch with IGMP or MLD snooping forwards a group only to ports from which a report came within the last ~260 s
/// (RFC 3376, 8.4), and hosts report when a querier asks. Where there is no querier the group falls quiet ~260 s after
/// the join, and a restart "cures" it. So when everybody on an interface falls silent the group is joined anew, which
/// sends a report: if they are heard at once, that was it.
///
/// Nothing is said on a guess. A single peer may as well have been started again at that moment: of it the time must
/// be the usual one, or the same twice, and long against its interval, for a sender may also pause by itself. A pure value; times are monotonic nanoseconds, interfaces go by their index.
package struct Rejoin: Equatable {
  /// Once an hour is often enough to say it.
  package static let quiet: Int64 = 3_600_000_000_000
  /// What a switch usually takes to forget a member (RFC 3376, 8.4), and what a peer's interval adds to it.
  package static let usual: ClosedRange<Int64> = 245_000_000_000...275_000_000_000

  private struct Interface: Equatable {
    var joined: Int64
    var attempt: Int64?
    /// When somebody was heard last before it.
    var last: Int64 = 0
    /// For how long peers were heard after the join before the attempt.
    var heardFor: Int64 = 0
    var isNetwork = false
    /// The same, when an attempt helped before.
    var before: Int64?
  }

  private var interfaces: [UInt32: Interface] = [:]
  private var lastTold: Int64?

  package init() {}

  /// The group was joined, for whatever reason.
  package mutating func joined(_ index: UInt32, at now: Int64) {
    interfaces[index, default: Interface(joined: now)].joined = now
  }

  package mutating func left(_ index: UInt32) { interfaces[index] = nil }

  /// Nobody is heard on an interface any more, and the group is joined on it anew.
  ///
  /// - Parameters:
  ///   - last: when somebody was heard last.
  ///   - isNetwork: whether several peers stopped together.
  package mutating func attempt(_ index: UInt32, at now: Int64, last: Int64, isNetwork: Bool) {
    // Without the time of a join there is nothing to compare.
    guard var interface = interfaces[index] else { return }
    // Several that fell silent at one moment are one silence.
    guard interface.attempt != now else { return }
    interface.heardFor = max(0, last - interface.joined)
    interface.attempt = now
    interface.last = last
    interface.joined = now
    interface.isNetwork = isNetwork
    interfaces[index] = interface
  }

  /// When somebody was heard again after a silence of this length (ns); nil where nothing was attempted.
  package func end(of silence: Int64, on index: UInt32) -> Int64? {
    interfaces[index].flatMap { $0.attempt == nil ? nil : $0.last + silence }
  }

  /// Somebody is heard again.
  ///
  /// - Parameters:
  ///   - time: when it was heard, and not when that was noticed.
  ///   - interval: how often it is expected to be heard, in nanoseconds.
  /// - Returns: for how long the group was heard after a join before it fell quiet, in nanoseconds, when joining anew has
  ///   cured it and that was not said lately.
  package mutating func heard(_ index: UInt32, at time: Int64, interval: Int64) -> Int64? {
    guard var interface = interfaces[index], let attempt = interface.attempt else { return nil }
    interface.attempt = nil
    defer { interfaces[index] = interface }
    // Two beats make a peer alive, and the report takes a while.
    guard time - attempt <= interval * 5 / 2 + 1_000_000_000 else {
      interface.before = nil
      return nil
    }
    let heardFor = interface.heardFor
    let isSame = interface.before.map { abs($0 - heardFor) <= max(heardFor / 8, 2 * interval) } ?? false
    let isRepeated = isSame && heardFor >= 20 * interval
    interface.before = heardFor
    guard interface.isNetwork || isRepeated || Self.usual.contains(heardFor) else { return nil }
    if let lastTold, time - lastTold < Self.quiet { return nil }
    lastTold = time
    return heardFor
  }
}
