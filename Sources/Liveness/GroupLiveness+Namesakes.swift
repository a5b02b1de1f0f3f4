// SPDX-License-Identifier: Apache-2.0

import Platform

extension GroupLiveness {
  /// Where another sender with the name of a peer sends from: this host, or a host in another network of
  /// ours. Those that are heard on one interface are told apart by `BeatSequence`.
  ///
  /// - Parameter peer: That was heard for the first time.
  package func namesake(of peer: PeerReport<PeerID>) -> IPAddress? {
    guard let name = peer.name else { return nil }
    if let own = selfTest.reports.first(where: { $0.name == name }) { return own.address }
    // A host that is heard on several interfaces has one run.
    return interfaces.reports(of: .name(name)).first { other in
      other.id.interface != peer.id.interface && other.run != peer.run && other.run > 0 && peer.run > 0
        && other.state == .alive && peer.lastHeard - other.lastHeard < other.interval
    }?.address
  }
}
