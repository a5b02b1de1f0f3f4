// SPDX-License-Identifier: Apache-2.0

import Liveness
import Monitor
import Platform

/// Keeps the files of peers in step with `GroupLiveness`, event by event.
///
/// Failed writes are retried each second, and the directory is compared with the peers periodically, which
/// restores removed files.
struct PeerFileSink {
  /// Writes retried in one turn, and table places compared in one turn.
  private static let repairs = 100
  private static let compared = 500
  /// Turns between two slices of the comparison.
  private static let turns = 10
  /// Limit on `stale`; the comparison finds the rest.
  private static let remembered = 65_536

  /// What a file is about.
  private enum Subject: Hashable {
    /// A name or address on whichever interfaces, also one that was never heard.
    case peer(PeerSubject)
    /// A link-local IPv6 address, which is another host's on another interface (RFC 4007).
    case scoped(PeerID)

    init(_ id: PeerID) { self = Self.isScoped(id.subject) ? .scoped(id) : .peer(id.subject) }

    static func isScoped(_ subject: PeerSubject) -> Bool {
      subject.address.map { $0.isLinkLocalUnicast && $0.family == .ipv6 } ?? false
    }
  }

  private let directory: (any PeerFolders)?
  /// Peers whose files could not be written.
  private var stale = RetryQueue<Subject>()
  private var isNetworkStale = false
  private var failure: FileFailure?
  private var health = FileHealth()
  private var turn = 0
  private var compare: PeerInterfaces.Place?

  init(directory: (any PeerFolders)?) { self.directory = directory }

  /// Brings the files in line with the peers, whatever the previous process left. One that is where it should
  /// be stays as it is: its facts are of when the peer came there.
  mutating func restore(_ peers: GroupLiveness) {
    guard let directory else { return }
    var subjects = expectedSubjects(peers)
    peers.interfaces.forEachPeer { subjects.append(Subject($0.id)) }
    var wanted: Set<String> = []
    let present = PeerDirectory.Folder.allCases.map { (folder: $0, names: directory.names(in: $0)) }
    for subject in subjects {
      let name = Self.name(subject, peers.names)
      guard wanted.insert(name).inserted else { continue }
      let folder = Self.wanted(subject, peers)?.folder
      if !present.allSatisfy({ $0.names.contains(name) == ($0.folder == folder) }) { update(subject, peers) }
    }
    for (_, names) in present {
      for name in names.subtracting(wanted) { try? directory.place(name, in: nil, []) }
    }
    updateNetwork(peers)
  }

  /// Updates the files that an event changes.
  ///
  /// - Parameter peers: as of the event.
  mutating func take(_ event: Event, _ peers: GroupLiveness) {
    guard case .peer(let change, _) = event else { return }
    switch change {
    case .one(.networkSilent, _, _), .one(.networkHeard, _, _): updateNetwork(peers)
    case .one(let event, _, _): update(Subject(event.id), peers)
    case .removed(let removed):
      for (id, _) in removed { update(Subject(id), peers) }
      updateNetwork(peers)
    case .expected(let changes):
      for (subject, _) in changes { update(.peer(subject), peers) }
    case .neverHeard(let subjects, _):
      for subject in subjects { update(.peer(subject), peers) }
    case .several, .suppressed: break
    }
  }

  private mutating func update(_ subject: Subject, _ peers: GroupLiveness) {
    guard let directory else { return }
    let wanted = Self.wanted(subject, peers)
    do throws(FileFailure) {
      let facts = wanted.map { Self.facts($0, peers.names) } ?? []
      try directory.place(Self.name(subject, peers.names), in: wanted?.folder, facts)
      stale.remove(subject)
    } catch {
      if stale.count < Self.remembered { stale.insert(subject) }
      failure = failure ?? error
    }
  }

  /// Writes the interfaces on which the network is silent, or removes the file when there are none.
  private mutating func updateNetwork(_ peers: GroupLiveness) {
    guard let directory else { return }
    let silent = peers.interfaces.networkSilent
    let interfaces = silent.map { peers.names.name(of: $0) }.joined(separator: ",")
    let stopped = silent.reduce(0) {
      let counts = peers.interfaces.counts(on: $1)
      return $0 + counts.alive + counts.late + counts.unknown
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
  var interfaces: Set<Int32> {
    Set(stale.elements.compactMap { if case .scoped(let id) = $0 { id.interface } else { nil } })
  }

  // MARK: Repair

  /// Retries failed writes and compares a slice of the directory. About once a second.
  ///
  /// - Returns: A change of whether the files can be written.
  mutating func repair(_ peers: GroupLiveness) -> FileHealth.Change? {
    for subject in stale.take(Self.repairs) { update(subject, peers) }
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
    let subjects = reports.map { Subject($0.id) } + (compare == nil ? expectedSubjects(peers) : [])
    compare = rest
    for subject in subjects where !stale.contains(subject) {
      let folder = Self.wanted(subject, peers)?.folder
      if !directory.isPlaced(Self.name(subject, peers.names), in: folder) { update(subject, peers) }
    }
  }

  // MARK: Contents

  private func expectedSubjects(_ peers: GroupLiveness) -> [Subject] {
    peers.expected.subjects.filter { peers.expected.state(of: $0) != nil }.map { .peer($0) }
  }

  /// What a file is to say.
  private enum Wanted {
    case heard(PeerReport<PeerID>)
    case neverHeard(PeerSubject, PeerState)

    var folder: PeerDirectory.Folder {
      switch self {
      case .heard(let report): report.state.folder
      case .neverHeard(_, let state): state.folder
      }
    }
  }

  /// What a file is to say; nil for no file.
  private static func wanted(_ subject: Subject, _ peers: GroupLiveness) -> Wanted? {
    let reports: [PeerReport<PeerID>]
    var unheard: PeerSubject?
    switch subject {
    case .scoped(let id): reports = peers.interfaces.report(of: id).map { [$0] } ?? []
    case .peer(let subject):
      // A link-local one that was heard has a file for each interface.
      reports = Subject.isScoped(subject) ? [] : peers.interfaces.reports(of: subject)
      unheard = subject
    }
    if let report = reports.mostPresent { return .heard(report) }
    guard let unheard, let state = peers.expected.state(of: unheard) else { return nil }
    return .neverHeard(unheard, state)
  }

  private static func name(_ subject: Subject, _ names: InterfaceNames) -> String {
    switch subject {
    case .peer(let subject): "\(subject)"
    case .scoped(let id): "\(id.subject)%\(names.name(of: id.interface))"
    }
  }

  private static func facts(_ wanted: Wanted, _ names: InterfaceNames) -> [(String, String)] {
    let report: PeerReport<PeerID>
    switch wanted {
    case .heard(let heard): report = heard
    case .neverHeard(let subject, let state):
      return named(subject) + [("state", state.rawValue), ("last_heard_usec", "0"), ("beats", "0")]
    }
    return named(report.id.subject, at: report.address) + [
      ("interface", names.name(of: report.id.interface)),
      ("port", "\(report.port)"), ("state", report.state.folder.rawValue),
      ("since_usec", "\(Clocks.epochMicroseconds(ofMonotonic: report.stateSince))"),
      ("last_heard_usec", "\(Clocks.epochMicroseconds(ofMonotonic: report.lastHeard))"),
      ("interval_usec", "\(report.interval / 1000)"), ("beats", "\(report.beats)"),
      ("missed", "\(report.missed)"),
    ]
  }

  private static func named(_ subject: PeerSubject, at address: IPAddress? = nil) -> [(String, String)] {
    let address = subject.address ?? address
    return (subject.name.map { [("host", "\($0)")] } ?? []) + (address.map { [("address", "\($0)")] } ?? [])
  }
}

extension PeerState {
  /// The folder of a peer's file.
  fileprivate var folder: PeerDirectory.Folder {
    switch self {
    case .alive, .late: .alive
    case .silent: .silent
    case .left: .left
    case .unknown: .unknown
    }
  }
}
