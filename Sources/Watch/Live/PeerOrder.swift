// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness

/// Sort order of the peers. No order changes with every beat, so that rows stay in place.
enum PeerOrder: String, CaseIterable, Sendable {
  /// Silent peers first, then unknown, late and alive ones.
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
  fileprivate var rank: Int {
    switch state {
    case .silent: 0
    case .unknown: 1
    case .late: 2
    case .alive: 3
    }
  }
}

extension PeerID {
  /// IPv4 before IPv6, then numerically.
  fileprivate func precedes(_ other: PeerID) -> Bool {
    let (one, two) = (address, other.address)
    if one.family != two.family { return one.family == .ipv4 }
    return (one.high, one.low, interface) < (two.high, two.low, other.interface)
  }
}
