// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Multicast

/// Keeps the peers' files as the tables say.
struct PeerFiles {
  private let directory: PeerDirectory?

  init(directory: PeerDirectory?) { self.directory = directory }

  /// Makes the files those of these tables, whatever a process before left behind.
  func restore(_ peers: PeerInterfaces) {
    guard let directory else { return }
    var wanted: Set<String> = []
    peers.forEachPeer { report in
      wanted.insert(Self.name(report.id, peers.names))
      update(report.id, peers)
    }
    for folder in PeerDirectory.Folder.allCases {
      for name in directory.names(in: folder).subtracting(wanted) { directory.remove(name, from: folder) }
    }
    updateNetwork(peers)
  }

  func follow(_ event: PeerInterfaces.Event, _ peers: PeerInterfaces) {
    switch event.event {
    case .discovered(let report), .silent(let report), .back(let report), .forgotten(let report):
      update(report.id, peers)
    case .networkSilent, .networkHeard:
      updateNetwork(peers)
    }
  }

  /// An address may be heard on several interfaces: it is alive while it is on one of them. Its files are put right
  /// whatever there was; the old one goes before the new one comes, for two units that exclude each other watch them.
  func update(_ id: PeerID, _ peers: PeerInterfaces) {
    guard let directory else { return }
    let name = Self.name(id, peers.names)
    let reports =
      Self.isScoped(id.address) ? peers.report(of: id).map { [$0] } ?? [] : peers.reports(of: id.address)
    let alive = reports.first { $0.state != .silent }
    if let alive {
      directory.remove(name, from: .silent)
      directory.put(name, in: .alive, Self.facts(alive, peers.names))
    } else if let silent = reports.first {
      directory.remove(name, from: .alive)
      directory.put(name, in: .silent, Self.facts(silent, peers.names))
    } else {
      for folder in PeerDirectory.Folder.allCases { directory.remove(name, from: folder) }
    }
  }

  /// The file says on which interfaces the network is silent; there is none while it is on none.
  func updateNetwork(_ peers: PeerInterfaces) {
    let silent = peers.networkSilent
    guard !silent.isEmpty else {
      directory?.setNetworkSilent(nil)
      return
    }
    let interfaces = silent.map { peers.names.name(of: $0) }.joined(separator: ",")
    let stopped = silent.reduce(0) { $0 + peers.counts(on: $1).alive + peers.counts(on: $1).late }
    directory?.setNetworkSilent([("interface", interfaces), ("peers", "\(stopped)")])
  }

  /// A link-local IPv6 address is another one on each interface (RFC 4007).
  private static func isScoped(_ address: IPAddress) -> Bool {
    address.isLinkLocalUnicast && address.family == .ipv6
  }

  static func name(_ id: PeerID, _ names: InterfaceNames) -> String {
    isScoped(id.address) ? "\(id.address)%\(names.name(of: id.interface))" : "\(id.address)"
  }

  private static func facts(_ report: PeerReport<PeerID>, _ names: InterfaceNames) -> [(String, String)] {
    [
      ("address", "\(report.id.address)"), ("interface", names.name(of: report.id.interface)),
      ("port", "\(report.port)"), ("state", report.state == .silent ? "silent" : "alive"),
      ("since_usec", "\(WallTime.microseconds(report.stateSince))"),
      ("last_heard_usec", "\(WallTime.microseconds(report.lastHeard))"),
      ("interval_usec", "\(report.interval / 1000)"), ("beats", "\(report.beats)"),
      ("missed", "\(report.missed)"),
    ]
  }
}
