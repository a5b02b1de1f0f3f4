// SPDX-License-Identifier: Apache-2.0

import Facts
import Liveness
import Platform

/// The reply to `ListPeers`, and what `mcastd peers --json` prints.
package struct PeersReply: Codable, Sendable, Equatable {
  package var peers: [PeerReply]
  /// Whether all peers fell silent together: the network rather than any of them.
  package var networkSilent: Bool
  /// Sources that were refused because the peer table was full (`peers.max`).
  package var refused: UInt64

  /// The reply without its list, which may be long and is encoded one peer at a time.
  package struct Head: Encodable {
    package static let list = "peers"

    package var networkSilent: Bool
    package var refused: UInt64

    package init(networkSilent: Bool, refused: UInt64) {
      self.networkSilent = networkSilent
      self.refused = refused
    }
  }
}

/// A peer in `PeersReply`. Times are microseconds of CLOCK_REALTIME, spans are microseconds.
package struct PeerReply: Codable, Sendable, Equatable {
  /// The name that it gives itself; empty where it gives none.
  package var host: String
  /// Where its last heartbeat came from; empty for an expected peer that was never heard, and is named.
  package var address: String
  /// The interface's name; empty for an expected peer that was never heard.
  package var interface: String
  package var port: Int
  /// `alive`, `late`, `silent`, `left`, `unknown`, or `self` for our own sender.
  package var state: String
  /// A raw value of `Proof`: what its last heartbeat proves; empty where nothing is to be proved.
  package var auth: String
  /// Time of its last heartbeat.
  package var lastHeardUsec: Int64
  /// Time since its last heartbeat.
  package var ageUsec: Int64
  /// Announced or estimated; 0 where it is not known.
  package var intervalUsec: Int64
  /// Beats in a row that are missing when it is silent, and how long after its last one that is; 0 where it
  /// is not judged by that.
  package var silentAfterBeats: Int
  package var silentAfterUsec: Int64
  package var beats: UInt64
  package var missed: UInt64
  /// Missed while the kernel dropped datagrams here, or while this daemon did not listen.
  package var missedHere: UInt64
  package var duplicates: UInt64
  package var reordered: UInt64
  package var restarts: UInt64
  package var clockSteps: UInt64
  package var jitterUsec: Int64
  /// Time of arrival minus the time in the payload.
  package var offsetUsec: Int64
  /// Readings of its host that are known, and those that are not.
  package var readings = 0
  package var readingsUnknown = 0
  /// Remarks for people; may be empty.
  package var note: String
}

extension PeerReply {
  /// What it is known by.
  package var name: String { host.isEmpty ? address : host }

  /// How many readings its host says.
  package mutating func setReadings(_ counts: ReadingCounts) {
    (readings, readingsUnknown) = (counts.known, counts.unknown)
  }

  fileprivate var readingsText: String {
    if readings + readingsUnknown == 0 { return "-" }
    return readingsUnknown == 0 ? "\(readings)" : "\(readings), \(readingsUnknown) unknown"
  }
}

// MARK: From reports of the peer table

extension PeerReply {
  /// - Parameters:
  ///   - interface: its name.
  ///   - conditions: those of the interface, named in the note of a peer that is not judged for them.
  package init(_ report: PeerReport<PeerID>, interface: String, _ conditions: [Condition]) {
    host = report.name.map { "\($0)" } ?? ""
    address = "\(report.address)"
    self.interface = interface
    port = Int(report.port)
    state = report.state.rawValue
    auth = report.proof?.rawValue ?? ""
    lastHeardUsec = Clocks.epochMicroseconds(ofMonotonic: report.lastHeard)
    ageUsec = Clocks.elapsed(since: report.lastHeard) / 1000
    intervalUsec = report.interval / 1000
    silentAfterBeats = report.silentAfterBeats
    silentAfterUsec = report.silentAfter / 1000
    beats = report.beats
    missed = UInt64(report.missed) + Self.missedNow(report)
    missedHere = UInt64(report.missedHere)
    duplicates = UInt64(report.duplicates)
    reordered = UInt64(report.reordered)
    restarts = UInt64(report.restarts)
    clockSteps = UInt64(report.clockSteps)
    jitterUsec = report.jitter / 1000
    offsetUsec = report.offset
    let reasons = conditions.map(\.kind.text).joined(separator: ", ")
    note = Self.note(report, report.state == .unknown && !reasons.isEmpty ? ["not judged: \(reasons)"] : [])
  }

  /// Beats that a late or silent peer has missed since its last one. The peer table counts them only when the
  /// next one arrives.
  private static func missedNow(_ report: PeerReport<PeerID>) -> UInt64 {
    guard report.state == .late || report.state == .silent, report.interval > 0 else { return 0 }
    return UInt64(Clocks.elapsed(since: report.lastHeard) / report.interval)
  }

  /// An expected peer that was never heard.
  package init(expected subject: PeerSubject, _ state: PeerState) {
    (host, address) = (subject.name.map { "\($0)" } ?? "", subject.address.map { "\($0)" } ?? "")
    self.state = state.rawValue
    (interface, port, auth) = ("", 0, "")
    (lastHeardUsec, ageUsec, intervalUsec, silentAfterBeats, silentAfterUsec) = (0, 0, 0, 0, 0)
    (beats, missed, missedHere, duplicates, reordered, restarts, clockSteps) = (0, 0, 0, 0, 0, 0, 0)
    (jitterUsec, offsetUsec) = (0, 0)
    note = "expected, never heard"
  }

  private static func note(_ report: PeerReport<PeerID>, _ first: [String]) -> String {
    var notes = first
    if report.sendsOther { notes.append("its datagrams are no heartbeats any more") }
    if report.isContested { notes.append("two senders use this name") }
    if let other = report.otherPort { notes.append("two senders, ports \(report.port) and \(other)") }
    if abs(report.offset) > 1_000_000 { notes.append("its clock differs") }
    if report.missedHere > 0 { notes.append("\(report.missedHere) missed here") }
    return notes.joined(separator: "; ")
  }

  /// `state` of our own sender.
  package static let ownState = "self"

  /// Our own sender.
  ///
  /// - Parameter address: nil where the source address is not known.
  package init(_ own: SelfTest.Report, interface: String, address: IPAddress?) {
    self.interface = interface
    host = own.name.map { "\($0)" } ?? ""
    self.address = address.map { "\($0)" } ?? "self"
    port = Int(own.port)
    state = Self.ownState
    auth = own.proof?.rawValue ?? ""
    lastHeardUsec = Clocks.epochMicroseconds(ofMonotonic: own.lastHeard)
    ageUsec = Clocks.elapsed(since: own.lastHeard) / 1000
    (intervalUsec, silentAfterBeats, silentAfterUsec) = (0, 0, 0)
    beats = own.beats
    (missed, missedHere, duplicates, reordered, restarts, clockSteps) = (0, 0, 0, 0, 0, 0)
    (jitterUsec, offsetUsec) = (0, 0)
    note = "our own heartbeats, heard back"
  }
}

// MARK: For people and for monitoring

extension PeersReply {
  /// The peers that need attention first, then by address.
  package func sorted() -> PeersReply {
    var reply = self
    reply.peers = peers.map { (key: SortKey($0), peer: $0) }.sorted { $0.key < $1.key }.map(\.peer)
    return reply
  }

  private struct SortKey: Comparable {
    private static let states = PeerState.byUrgency.map(\.rawValue) + [PeerReply.ownState]

    private let rank: Int
    private let isNameless: Bool
    private let host: String
    private let address: (Int, UInt64, UInt64, String)
    private let interface: String

    init(_ peer: PeerReply) {
      (host, isNameless) = (peer.host, peer.host.isEmpty)
      rank = Self.states.firstIndex(of: peer.state) ?? Self.states.count
      let parsed = IPAddress(peer.address)
      address = (
        parsed?.family == .ipv6 ? 1 : 0, parsed?.high ?? 0, parsed?.low ?? 0,
        parsed == nil ? peer.address : ""
      )
      interface = peer.interface
    }

    static func == (left: Self, right: Self) -> Bool { !(left < right) && !(right < left) }

    /// By state, then those with names, then by address.
    static func < (left: Self, right: Self) -> Bool {
      if left.rank != right.rank { return left.rank < right.rank }
      if left.isNameless != right.isNameless { return right.isNameless }
      if left.host != right.host { return left.host < right.host }
      return left.address != right.address ? left.address < right.address : left.interface < right.interface
    }
  }

  /// A table for people.
  package func text() -> ConsoleText {
    guard !peers.isEmpty else { return "no peers: no host but perhaps this one has sent two heartbeats\n" }
    let head = [
      "PEER", "ADDRESS", "INTERFACE", "STATE", "AUTH", "LAST BEAT", "INTERVAL", "BEATS", "MISSED", "JITTER",
      "OFFSET", "READINGS", "NOTE",
    ]
    let rows = peers.map { peer in
      [
        peer.name, peer.address.isEmpty ? "-" : peer.address,
        peer.interface.isEmpty ? "-" : peer.interface, peer.state, peer.auth.isEmpty ? "-" : peer.auth,
        peer.beats == 0 ? "never" : DurationText.words(microseconds: peer.ageUsec) + " ago",
        peer.intervalUsec == 0 ? "-" : DurationText.words(microseconds: peer.intervalUsec), "\(peer.beats)",
        "\(peer.missed)", "\(peer.jitterUsec) µs", "\(peer.offsetUsec) µs",
        peer.readingsText, peer.note,
      ]
    }
    var text = ConsoleText.table(([head] + rows).map { row in row.map { "\($0)" } })
    if networkSilent { text += "The network is silent: all peers stopped at once.\n" }
    if refused > 0 { text += "\(refused) sources were refused: peers.max is reached.\n" }
    return text
  }

  /// The exit status for monitoring: 0 where a peer is heard and none is silent or unknown, 1 where one is, 2
  /// where none is heard.
  var checkStatus: Int32 {
    if count(.alive) + count(.late) == 0 { return ExitStatus.nothingHeard }
    return count(.silent) + count(.unknown) == 0 ? ExitStatus.success : ExitStatus.negative
  }

  /// One line: how many peers are in each state, and those that are silent or unknown.
  func checkText() -> ConsoleText {
    let states: [PeerState] = [.alive, .late, .silent, .left, .unknown]
    var text: ConsoleText = "\(states.map { "\(count($0)) \($0.rawValue)" }.joined(separator: ", "))"
    let missed = peers.filter { [PeerState.silent.rawValue, PeerState.unknown.rawValue].contains($0.state) }
    let shown = missed.prefix(Self.shown).map { "\($0.name) \($0.state)" }
    if !missed.isEmpty { text += ": \(shown.joined(separator: ", "))" }
    if missed.count > Self.shown { text += " and \(missed.count - Self.shown) more" }
    return text + "\n"
  }

  /// Peers that the line of a check names.
  private static let shown = 10

  private func count(_ state: PeerState) -> Int { peers.count { $0.state == state.rawValue } }
}
