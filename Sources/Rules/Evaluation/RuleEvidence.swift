// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness

/// What rules are decided by.
package protocol RuleEvidence {
  /// What a host says, this one included; nil where it never said anything.
  func facts(of host: HostName) -> HostFacts?
  /// The name of this host; nil where it has none, and says nothing.
  var ownName: HostName? { get }
  /// The names of the hosts that say something, or did, in no order.
  var names: [HostName] { get }
  /// Whether a host is there; nil for one that was never heard.
  func peer(_ subject: PeerSubject) -> PeerFinding?
  /// The names of all peers, in no order.
  var peerNames: [HostName] { get }
}

/// What is known of a host as a peer.
package struct PeerFinding: Equatable, Sendable {
  /// On whichever interfaces; nil where it is not known.
  package var state: PeerState?
  /// What its last heartbeat proves; nil where nothing has to be proved.
  package var proof: Proof?
  /// Whether two senders use its name.
  package var isContested: Bool
  /// Whether it is this host.
  package var isOwn: Bool

  package init(_ state: PeerState?, proof: Proof? = nil, isContested: Bool = false, isOwn: Bool = false) {
    self.state = state
    self.proof = proof
    self.isContested = isContested
    self.isOwn = isOwn
  }

  var isThere: Bool { state == .alive || state == .late }
}

extension PeerFinding {
  /// What is known of a peer on all interfaces together; nil where it is on none.
  package init?(_ reports: [PeerReport<PeerID>]) {
    guard let report = reports.mostPresent else { return nil }
    self.init(
      report.state == .unknown ? nil : report.state, proof: report.proof,
      isContested: reports.contains(where: \.isContested))
  }
}
