// SPDX-License-Identifier: Apache-2.0

import Control
import Liveness
import Varlink

// The reply to `ExplainPeer`.
extension Subscriber {
  /// - Parameter peer: A name or an address.
  /// - Throws: `NoSuchPeer`.
  nonisolated func explain(_ peer: String) async throws(VarlinkError) -> ExplainReply {
    guard let subject = PeerSubject(peer) else {
      throw ControlInterface.Failure.noSuchPeer.error(reason: "\(peer) is neither a name nor an address")
    }
    let (peers, isExpected) = await read { pipeline in
      let liveness = pipeline.monitor.liveness
      let peers = liveness.interfaces.reports(of: subject).compactMap { report in
        liveness.interfaces.explanation(of: report.id).map {
          PeerExplanation(
            report, $0, interface: liveness.names.name(of: report.id.interface),
            allowed: liveness.interfaces.allowed)
        }
      }
      return (peers, liveness.expected.state(of: subject) != nil)
    }
    guard peers.isEmpty else { return ExplainReply(peers: peers) }
    throw ControlInterface.Failure.noSuchPeer.error(
      reason: isExpected
        ? "\(subject) is expected, and was never heard"
        : "no peer is known by \(subject); one that has a name is known by that alone")
  }
}
