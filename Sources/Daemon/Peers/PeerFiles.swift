// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Multicast

/// Keeps the peers' files as the table says.
struct PeerFiles {
  private let directory: PeerDirectory?

  init(directory: PeerDirectory?) { self.directory = directory }

  /// Makes the files those of this table, whatever a process before left behind.
  func restore(_ table: PeerTable<PeerID>, _ names: InterfaceNames) {
    guard let directory else { return }
    var wanted: [PeerDirectory.Folder: Set<String>] = [:]
    table.forEachPeer { report in
      wanted[Self.folder(report.state), default: []].insert(Self.name(report.id, names))
      update(report.id.address, table, names, sample: report.id)
    }
    for folder in PeerDirectory.Folder.allCases {
      for name in directory.names(in: folder).subtracting(wanted[folder] ?? []) {
        directory.remove(name, from: folder)
      }
    }
    if !table.isNetworkSilent { directory.setNetworkSilent(nil) }
  }

  func follow(_ event: PeerEvent<PeerID>, _ table: PeerTable<PeerID>, _ names: InterfaceNames) {
    switch event {
    case .discovered(let report), .silent(let report), .back(let report), .forgotten(let report):
      update(report.id.address, table, names, sample: report.id)
    case .networkSilent(let peers, let since):
      directory?.setNetworkSilent([("peers", "\(peers)"), ("since_usec", "\(WallTime.microseconds(since))")])
    case .networkHeard:
      directory?.setNetworkSilent(nil)
    }
  }

  /// An address may be heard on several interfaces: it is alive while it is on one of them.
  private func update(
    _ address: IPAddress, _ table: PeerTable<PeerID>, _ names: InterfaceNames, sample: PeerID
  ) {
    guard let directory else { return }
    let name = Self.name(sample, names)
    let identities =
      address.isLinkLocalUnicast
      ? [sample] : (0..<names.count).map { PeerID(address: address, interface: Int32($0)) }
    let reports = identities.compactMap { table.report(of: $0) }
    let alive = reports.first { Self.folder($0.state) == .alive }
    if let alive {
      directory.put(name, in: .alive, Self.facts(alive, names))
      directory.remove(name, from: .silent)
    } else if let silent = reports.first {
      directory.put(name, in: .silent, Self.facts(silent, names))
      directory.remove(name, from: .alive)
    } else {
      for folder in PeerDirectory.Folder.allCases { directory.remove(name, from: folder) }
    }
  }

  private static func folder(_ state: PeerState) -> PeerDirectory.Folder {
    state == .silent ? .silent : .alive
  }

  static func name(_ id: PeerID, _ names: InterfaceNames) -> String {
    id.address.isLinkLocalUnicast && id.address.family == .ipv6
      ? "\(id.address)%\(names.name(of: id.interface))" : "\(id.address)"
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
