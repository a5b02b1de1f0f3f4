// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

/// Sort order of the peers. No order changes with every beat, so that rows stay in place.
enum PeerOrder: String, CaseIterable, Sendable {
  /// Silent peers first, then unknown ones, those that left, late and alive ones.
  case state
  case address
  /// Most missed beats first.
  case missed

  var next: PeerOrder {
    switch self {
    case .state: .address
    case .address: .missed
    case .missed: .state
    }
  }

  func sorted(_ peers: GroupLiveness) -> [PeerReport<PeerID>] {
    var reports: [PeerReport<PeerID>] = []
    reports.reserveCapacity(peers.counts.total)
    peers.interfaces.forEachPeer { reports.append($0) }
    switch self {
    case .state: reports.sort { $0.rank == $1.rank ? $0.id.precedes($1.id) : $0.rank < $1.rank }
    case .address: reports.sort { $0.id.precedes($1.id) }
    case .missed: reports.sort { $0.missed == $1.missed ? $0.id.precedes($1.id) : $0.missed > $1.missed }
    }
    return reports
  }
}

extension PeerReport {
  fileprivate var rank: Int { PeerState.byUrgency.firstIndex(of: state) ?? PeerState.byUrgency.count }
}

extension PeerID {
  /// Names in their order, then IPv4, then IPv6, each numerically.
  fileprivate func precedes(_ other: PeerID) -> Bool {
    switch (subject, other.subject) {
    case (.name(let one), .name(let two)):
      one == two ? (interface, via) < (other.interface, other.via) : "\(one)" < "\(two)"
    case (.name, .address): true
    case (.address, .name): false
    case (.address(let one), .address(let two)) where one.family != two.family: one.family == .ipv4
    case (.address(let one), .address(let two)):
      (one.high, one.low, interface) < (two.high, two.low, other.interface)
    }
  }
}
