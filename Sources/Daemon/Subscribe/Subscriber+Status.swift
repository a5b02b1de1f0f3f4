// SPDX-License-Identifier: Apache-2.0

import EventLoop
import Heartbeat
import Multicast

/// What others may know of the subscriber. Whoever reads it does not wait for the receive loop.
extension Subscriber {
  /// What is read from other queues.
  struct Shared: Sendable {
    var peers = PeerSummary()
    var memberships: [Membership] = []
  }

  struct Membership: Sendable, Equatable {
    var interface: String
    var interfaceIndex: UInt32
  }

  /// Where the group is joined, by interface name.
  nonisolated var memberships: [Membership] { shared.withLock { $0.memberships } }

  /// As of the last second.
  nonisolated var peerSummary: PeerSummary { shared.withLock { $0.peers } }

  /// Shows others where the group is joined.
  func shareMemberships() {
    let memberships = reception.members.interfaces.values
      .map { Membership(interface: $0.name, interfaceIndex: $0.index) }
      .sorted { $0.interface < $1.interface }
    shared.withLock { $0.memberships = memberships }
  }

  func whenSummaryChanges(_ body: @escaping @Sendable () -> Void) { summaryChanged = body }

  /// What an heir needs of the peers.
  ///
  /// - Parameter isComplete: whether nothing will be read any more.
  func keptPeers(isComplete: Bool) -> KeptPeers {
    var kept = reception.peers.kept(isComplete: isComplete, group: receiver?.group)
    kept.senders = reception.senders.kept(isComplete: isComplete)
    return kept
  }
}

/// How many peers there are, and what keeps them from being judged.
struct PeerSummary: Equatable, Sendable {
  var counts = PeerCounts()
  var conditions: [Condition] = []
}

extension PeerReply {
  /// - Parameter conditions: those of its interface.
  init(_ report: PeerReport<PeerID>, interface: String, _ conditions: [Condition]) {
    address = "\(report.id.address)"
    self.interface = interface
    port = Int(report.port)
    state = report.state.rawValue
    lastHeardUsec = WallTime.microseconds(report.lastHeard)
    ageUsec = WallTime.sinceMonotonic(report.lastHeard) / 1000
    intervalUsec = report.interval / 1000
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

  /// Beats that a peer that is late or silent missed since its last one: they are not counted before the next
  /// one says how many there were.
  private static func missedNow(_ report: PeerReport<PeerID>) -> UInt64 {
    guard report.state == .late || report.state == .silent, report.interval > 0 else { return 0 }
    return UInt64(WallTime.sinceMonotonic(report.lastHeard) / report.interval)
  }

  /// A peer that is expected and was never heard.
  init(expected address: IPAddress, _ state: PeerState) {
    self.address = "\(address)"
    self.state = state.rawValue
    (interface, port) = ("", 0)
    (lastHeardUsec, ageUsec, intervalUsec) = (0, 0, 0)
    (beats, missed, missedHere, duplicates, reordered, restarts, clockSteps) = (0, 0, 0, 0, 0, 0, 0)
    (jitterUsec, offsetUsec) = (0, 0)
    note = "expected, never heard"
  }

  private static func note(_ report: PeerReport<PeerID>, _ first: [String]) -> String {
    var notes = first
    if report.sendsOther { notes.append("its datagrams are no heartbeats any more") }
    if let other = report.otherPort { notes.append("two senders, ports \(report.port) and \(other)") }
    if abs(report.offset) > 1_000_000 { notes.append("its clock differs") }
    if report.missedHere > 0 { notes.append("\(report.missedHere) missed here") }
    return notes.joined(separator: "; ")
  }

  /// Our own sender.
  ///
  /// - Parameter address: nil where it is not known.
  init(_ own: OwnHeartbeats.Report, interface: String, address: IPAddress?) {
    self.interface = interface
    self.address = address.map { "\($0)" } ?? "self"
    port = Int(own.port)
    state = "self"
    lastHeardUsec = WallTime.microseconds(own.lastHeard)
    ageUsec = WallTime.sinceMonotonic(own.lastHeard) / 1000
    intervalUsec = 0
    beats = own.beats
    (missed, missedHere, duplicates, reordered, restarts, clockSteps) = (0, 0, 0, 0, 0, 0)
    (jitterUsec, offsetUsec) = (0, 0)
    note = "our own heartbeats, heard back"
  }
}
