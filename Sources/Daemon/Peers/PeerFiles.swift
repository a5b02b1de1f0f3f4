// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Multicast

/// Keeps the peers' files as the tables say.
struct PeerFiles {
  private let directory: PeerDirectory?
  /// What was said of expected peers that were never heard.
  private var expected: [IPAddress: PeerState] = [:]

  init(directory: PeerDirectory?) { self.directory = directory }

  /// Makes the files those of these tables, whatever a process before left behind.
  func restore(_ peers: PeerInterfaces) {
    guard let directory else { return }
    var wanted: Set<String> = []
    peers.forEachPeer { report in
      wanted.insert(Self.name(report.id, peers.names))
      update(report.id, peers)
    }
    for address in peers.expected.addresses {
      guard let state = peers.expected.state(of: address) else { continue }
      wanted.insert("\(address)")
      updateExpected(address, state)
    }
    for folder in PeerDirectory.Folder.allCases {
      for name in directory.names(in: folder).subtracting(wanted) { directory.remove(name, from: folder) }
    }
    updateNetwork(peers)
  }

  func follow(_ event: PeerInterfaces.Event, _ peers: PeerInterfaces) {
    switch event.event {
    case .discovered(let report), .silent(let report), .back(let report), .unknown(let report),
      .known(let report),
      .forgotten(let report), .evicted(let report):
      update(report.id, peers)
    case .networkSilent, .networkHeard:
      updateNetwork(peers)
    }
  }

  /// An address may be heard on several interfaces: it is alive while it is on one of them, and silent only
  /// if it is on all. Its files are put right whatever there was.
  func update(_ id: PeerID, _ peers: PeerInterfaces) {
    let name = Self.name(id, peers.names)
    let reports =
      Self.isScoped(id.address) ? peers.report(of: id).map { [$0] } ?? [] : peers.reports(of: id.address)
    let folders: [PeerDirectory.Folder] = [.alive, .unknown, .silent]
    for folder in folders {
      guard let report = reports.first(where: { $0.state.folder == folder }) else { continue }
      return place(name, in: folder, Self.facts(report, peers.names))
    }
    if let state = peers.expected.state(of: id.address) {
      updateExpected(id.address, state)
    } else {
      place(name, in: nil, [])
    }
  }

  /// The same, if it is news.
  mutating func noteExpected(_ address: IPAddress, _ state: PeerState) {
    guard expected.updateValue(state, forKey: address) != state else { return }
    updateExpected(address, state)
  }

  /// A peer that is expected and was never heard.
  private func updateExpected(_ address: IPAddress, _ state: PeerState) {
    place(
      "\(address)", in: state.folder,
      [("address", "\(address)"), ("state", state.rawValue), ("last_heard_usec", "0"), ("beats", "0")])
  }

  private func place(_ name: String, in folder: PeerDirectory.Folder?, _ facts: [(String, String)]) {
    guard let directory else { return }
    // A peer that goes from unknown to silent is at no moment in neither: that would say that it is alive.
    if let folder, folder != .alive { directory.put(name, in: folder, facts) }
    for other in PeerDirectory.Folder.allCases where other != folder { directory.remove(name, from: other) }
    if folder == .alive { directory.put(name, in: .alive, facts) }
  }

  /// The file says on which interfaces the network is silent; there is none while it is on none.
  func updateNetwork(_ peers: PeerInterfaces) {
    let silent = peers.networkSilent
    guard !silent.isEmpty else {
      directory?.setNetworkSilent(nil)
      return
    }
    let interfaces = silent.map { peers.names.name(of: $0) }.joined(separator: ",")
    let stopped = silent.reduce(0) { $0 + peers.counts(on: $1).total - peers.counts(on: $1).silent }
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
      ("port", "\(report.port)"), ("state", report.state.folder.rawValue),
      ("since_usec", "\(WallTime.microseconds(report.stateSince))"),
      ("last_heard_usec", "\(WallTime.microseconds(report.lastHeard))"),
      ("interval_usec", "\(report.interval / 1000)"), ("beats", "\(report.beats)"),
      ("missed", "\(report.missed)"),
    ]
  }
}

extension PeerState {
  /// Where a peer's file is.
  fileprivate var folder: PeerDirectory.Folder {
    switch self {
    case .new, .alive, .late: .alive
    case .silent: .silent
    case .unknown: .unknown
    }
  }
}
