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
  ///   - isNetwork: Whether several stopped together.
  case silence(last: Int64, isNetwork: Bool)
  /// A peer is heard again.
  ///
  /// - Parameters:
  ///   - at: When its heartbeat arrived.
  ///   - interval: At which it is expected.
  case heard(at: Int64, interval: Int64)
}

extension PeerInterfaces {
  /// - Returns: nil for an event that shows nothing.
  package func membershipEvidence(of event: PeerEvent<PeerID>) -> MembershipEvidence? {
    switch event {
    case .networkSilent(_, _, let since): return .silence(last: since, isNetwork: true)
    case .silent(let peer):
      let counts = counts(on: event.interface)
      return counts.silent == counts.total ? .silence(last: peer.lastHeard, isNetwork: false) : nil
    case .networkHeard(let id, let arrival, _):
      return .heard(at: arrival, interval: report(of: id)?.interval ?? 0)
    case .back(let peer): return .heard(at: peer.stateSince, interval: peer.interval)
    case .discovered, .unknown, .known, .forgotten, .evicted: return nil
    }
  }
}
