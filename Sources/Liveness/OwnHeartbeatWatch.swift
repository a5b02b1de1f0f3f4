// SPDX-License-Identifier: Apache-2.0

/// Whether our own heartbeats come back to us. The kernel loops them (ip(7), IP_MULTICAST_LOOP) whatever the
/// network does, so that those that do not come back are a local fault.
///
/// The daemon feeds it only while they should come back: both directions on, the same group, port and
/// interface, loopback on, our own address among the accepted sources. When that changes it calls `reset()`.
package struct OwnHeartbeatWatch: Equatable, Sendable {
  /// What there is to say.
  package enum Event: Equatable, Sendable {
    /// So many heartbeats in a row were sent and did not come back.
    case notHeard(unheard: Int)
    /// They come back again; not heard for so many nanoseconds.
    case heardAgain(silentFor: Int64)
  }

  /// Five in a row, as for a peer, and for no less than this many nanoseconds.
  static let patience: Int64 = 1_000_000_000

  /// Heartbeats sent since the last one that came back.
  package private(set) var unheard = 0
  /// Whether `notHeard` was said and `heardAgain` was not.
  package private(set) var isNotHeard = false
  /// When our own heartbeat last came back, in nanoseconds of CLOCK_MONOTONIC.
  package private(set) var lastHeard: Int64?

  private var firstUnheard: Int64 = 0

  /// Two in a row were sent and did not come back: one may be on its way.
  package var isDoubtful: Bool { unheard >= 2 }

  /// When ours last came back, or else when the first was sent that did not.
  package var unheardSince: Int64 { lastHeard ?? firstUnheard }

  /// A watch that has seen nothing.
  package init() {}

  /// A heartbeat was sent without an error, at a time of CLOCK_MONOTONIC in nanoseconds.
  package mutating func sent(at time: Int64) {
    if unheard == 0 { firstUnheard = time }
    unheard += 1
  }

  /// One of ours came back.
  ///
  /// - Parameter arrival: When it arrived, in nanoseconds of CLOCK_MONOTONIC.
  package mutating func heard(at arrival: Int64) -> Event? {
    let silentFor = max(0, arrival - (lastHeard ?? firstUnheard))
    unheard = 0
    lastHeard = arrival
    guard isNotHeard else { return nil }
    isNotHeard = false
    return .heardAgain(silentFor: silentFor)
  }

  /// The kernel dropped datagrams of ours, and our own heartbeats may be among them: counts anew.
  package mutating func noteKernelDrops() {
    unheard = 0
  }

  /// What was said is void, for what should be heard is not the same any more.
  package mutating func reset() {
    self = OwnHeartbeatWatch()
  }

  /// Judges, after what waited in the socket was read.
  ///
  /// - Parameter now: Nanoseconds of CLOCK_MONOTONIC.
  package mutating func judge(at now: Int64) -> Event? {
    guard !isNotHeard, unheard >= 5, now - firstUnheard >= Self.patience else { return nil }
    isNotHeard = true
    return .notHeard(unheard: unheard)
  }
}
