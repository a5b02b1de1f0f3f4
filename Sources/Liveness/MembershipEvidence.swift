// SPDX-License-Identifier: Apache-2.0

/// What an event of a peer shows about our own membership on its interface: a switch that snoops without a
/// querier drops members, and then nobody is heard until the group is joined again.
///
/// Times and spans are in nanoseconds, times of CLOCK_MONOTONIC.
package enum MembershipEvidence: Equatable, Sendable {
  /// All peers of the interface are silent.
  ///
  /// - Parameters:
  ///   - last: When the last of them was heard.
  ///   - interval: At which that was expected.
  ///   - isNetwork: Whether several stopped together.
  case silence(last: Int64, interval: Int64, isNetwork: Bool)
  /// A peer is heard again: its heartbeat arrived at this time. Its interval is not yet known.
  case heard(at: Int64)
}

extension PeerInterfaces {
  /// - Returns: nil for an event that shows nothing.
  package func membershipEvidence(of event: PeerEvent<PeerID>) -> MembershipEvidence? {
    switch event {
    case .networkSilent(_, let last, let since):
      return .silence(last: since, interval: report(of: last)?.interval ?? 0, isNetwork: true)
    case .silent(let peer):
      let counts = counts(on: event.interface)
      guard counts.silent + counts.left == counts.total else { return nil }
      return .silence(last: peer.lastHeard, interval: peer.interval, isNetwork: false)
    case .networkHeard(_, let arrival, _): return .heard(at: arrival)
    case .back(let peer): return .heard(at: peer.stateSince)
    case .discovered, .left, .returned, .contested, .unknown, .known, .forgotten, .evicted: return nil
    }
  }
}
