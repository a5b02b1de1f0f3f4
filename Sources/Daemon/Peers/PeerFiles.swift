// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

/// Keeps the files of peers in step with `GroupLiveness`, event by event.
///
/// Failed writes are retried each second, and the directory is compared with the peers periodically, which
/// restores removed files.
struct PeerFiles {
  /// Writes retried in one turn, and table places compared in one turn.
  private static let repairs = 100
  private static let compared = 500
  /// Turns between two slices of the comparison.
  private static let turns = 10
  /// Limit on `stale`; the comparison finds the rest.
  private static let remembered = 65_536

  /// The interface number of expected peers that were never heard, which have none.
  static let nowhere: Int32 = 0

  private let directory: PeerDirectory?
  /// The states in the files of expected peers that were never heard.
  private var expected: [IPAddress: PeerState] = [:]
  /// Peers whose files could not be written.
  private var stale: Set<PeerID> = []
  private var isNetworkStale = false
  private var failure: FileFailure?
  private var health = FileHealth()
  private var turn = 0
  private var compare: PeerInterfaces.Place?

  init(directory: PeerDirectory?) { self.directory = directory }

  /// Brings the files in line with the peers, whatever the previous process left.
  mutating func restore(_ peers: GroupLiveness) {
    guard let directory else { return }
    var wanted: Set<String> = []
    var ids: [PeerID] = []
    peers.interfaces.forEachPeer { report in
      wanted.insert(Self.name(report.id, peers.names))
      ids.append(report.id)
    }
    ids += expectedIDs(peers)
    for address in peers.expected.addresses { wanted.insert("\(address)") }
    for id in ids { update(id, peers) }
    for folder in PeerDirectory.Folder.allCases {
      for name in directory.names(in: folder).subtracting(wanted) {
        try? directory.place(name, in: nil, [])
      }
    }
    updateNetwork(peers)
  }

  /// Updates the files that an event changes.
  mutating func follow(_ event: PeerEvent<PeerID>, _ peers: GroupLiveness) {
    switch event {
    case .discovered(let report), .silent(let report), .back(let report), .unknown(let report),
      .known(let report),
      .forgotten(let report), .evicted(let report):
      update(report.id, peers)
    case .networkSilent, .networkHeard:
      updateNetwork(peers)
    }
  }

  /// Updates the file of a peer, whatever its previous state.
  mutating func update(_ id: PeerID, _ peers: GroupLiveness) {
    guard let directory else { return }
    let wanted = Self.wanted(id, peers)
    do throws(FileFailure) {
      try directory.place(Self.name(id, peers.names), in: wanted?.folder, wanted?.facts ?? [])
      stale.remove(id)
    } catch {
      if stale.count < Self.remembered { stale.insert(id) }
      failure = failure ?? error
    }
  }

  /// Updates the files of peers that were removed without an event.
  mutating func remove(_ ids: [PeerID], _ peers: GroupLiveness) {
    for id in ids { update(id, peers) }
    if !ids.isEmpty { updateNetwork(peers) }
  }

  /// Updates the files of expected peers that were never heard, where their state has changed.
  mutating func followExpected(_ peers: GroupLiveness) {
    for address in peers.expected.addresses {
      guard let state = peers.expected.state(of: address),
        expected.updateValue(state, forKey: address) != state
      else { continue }
      update(PeerID(address: address, interface: Self.nowhere), peers)
    }
  }

  /// Writes the interfaces on which the network is silent, or removes the file when there are none.
  mutating func updateNetwork(_ peers: GroupLiveness) {
    guard let directory else { return }
    let silent = peers.interfaces.networkSilent
    let interfaces = silent.map { peers.names.name(of: $0) }.joined(separator: ",")
    let stopped = silent.reduce(0) {
      $0 + peers.interfaces.counts(on: $1).total - peers.interfaces.counts(on: $1).silent
    }
    do throws(FileFailure) {
      try directory.setNetworkSilent(
        silent.isEmpty ? nil : [("interface", interfaces), ("peers", "\(stopped)")])
      isNetworkStale = false
    } catch {
      isNetworkStale = true
      failure = failure ?? error
    }
  }

  /// Interfaces that names of files are made of, besides those of the peers in the table.
  var interfaces: Set<Int32> { Set(stale.map(\.interface)).union([Self.nowhere]) }

  // MARK: Repair

  /// Retries failed writes and compares a slice of the directory. About once a second.
  ///
  /// - Returns: A change of whether the files can be written.
  mutating func repair(_ peers: GroupLiveness) -> FileHealth.Change? {
    for id in stale.prefix(Self.repairs) { update(id, peers) }
    if isNetworkStale { updateNetwork(peers) }
    turn += 1
    if turn % Self.turns == 0 { compareSlice(peers) }
    defer { failure = nil }
    if isNetworkStale || !stale.isEmpty { return failure.flatMap { health.note($0) } }
    return health.note(nil)
  }

  private mutating func compareSlice(_ peers: GroupLiveness) {
    guard let directory else { return }
    let (reports, rest) = peers.interfaces.reports(
      from: compare ?? PeerInterfaces.Place(), limit: Self.compared)
    // Expected peers that were never heard are few, and go with the first slice.
    let ids = reports.map(\.id) + (compare == nil ? expectedIDs(peers) : [])
    compare = rest
    for id in ids where !stale.contains(id) {
      let folder = Self.wanted(id, peers)?.folder
      if !directory.isPlaced(Self.name(id, peers.names), in: folder) { update(id, peers) }
    }
  }

  // MARK: Contents

  private func expectedIDs(_ peers: GroupLiveness) -> [PeerID] {
    peers.expected.addresses.filter { peers.expected.state(of: $0) != nil }
      .map { PeerID(address: $0, interface: Self.nowhere) }
  }

  /// Folder and facts of a peer's file; nil for no file.
  ///
  /// An address heard on several interfaces is alive if it is on one of them, and silent only if it is on
  /// all.
  private static func wanted(
    _ id: PeerID, _ peers: GroupLiveness
  ) -> (folder: PeerDirectory.Folder, facts: [(String, String)])? {
    let reports =
      isScoped(id.address)
      ? peers.interfaces.report(of: id).map { [$0] } ?? [] : peers.interfaces.reports(of: id.address)
    let folders: [PeerDirectory.Folder] = [.alive, .unknown, .silent]
    for folder in folders {
      guard let report = reports.first(where: { $0.state.folder == folder }) else { continue }
      return (folder, facts(report, peers.names))
    }
    guard let state = peers.expected.state(of: id.address) else { return nil }
    return (
      state.folder,
      [("address", "\(id.address)"), ("state", state.rawValue), ("last_heard_usec", "0"), ("beats", "0")]
    )
  }

  /// Whether the address is valid on one interface only (RFC 4007).
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
      ("since_usec", "\(Clocks.epochMicroseconds(ofMonotonic: report.stateSince))"),
      ("last_heard_usec", "\(Clocks.epochMicroseconds(ofMonotonic: report.lastHeard))"),
      ("interval_usec", "\(report.interval / 1000)"), ("beats", "\(report.beats)"),
      ("missed", "\(report.missed)"),
    ]
  }
}

extension PeerState {
  /// The folder of a peer's file.
  fileprivate var folder: PeerDirectory.Folder {
    switch self {
    case .alive, .late: .alive
    case .silent: .silent
    case .unknown: .unknown
    }
  }
}
