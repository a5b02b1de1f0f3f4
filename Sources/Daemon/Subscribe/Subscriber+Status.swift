// SPDX-License-Identifier: Apache-2.0

import EventLoop
import Heartbeat
import Multicast

/// What others may know of the subscriber.
extension Subscriber {
  struct Membership: Sendable, Equatable {
    var interface: String
    var interfaceIndex: UInt32
  }

  /// Where the group is joined, by interface name.
  var memberships: [Membership] {
    reception.members.interfaces.values.map { Membership(interface: $0.name, interfaceIndex: $0.index) }
      .sorted { $0.interface < $1.interface }
  }

  /// As of the last second.
  nonisolated var peerCounts: PeerCounts { shared.withLock { $0 } }

  /// What an heir needs of the peers.
  ///
  /// - Parameter isComplete: whether nothing will be read any more.
  func keptPeers(isComplete: Bool) -> KeptPeers {
    var kept = reception.peers.kept(isComplete: isComplete, group: receiver?.group)
    kept.ownPorts = reception.members.ownPorts
    return kept
  }

  /// All peers, by address.
  var peers: PeersReply {
    var replies = reception.peers.own.reports.map { own in
      PeerReply(own, reception.peers.names, reception.members)
    }
    let peers = reception.peers.peers
    peers.forEachPeer { report in
      replies.append(PeerReply(report, peers.names, isDeaf: peers.isDeaf(report.id.interface)))
    }
    replies.sort { ($0.address, $0.interface) < ($1.address, $1.interface) }
    return PeersReply(
      peers: replies, networkSilent: !peers.networkSilent.isEmpty, refused: peers.counts.refused)
  }
}

extension PeerReply {
  /// - Parameter isDeaf: whether nobody can be heard on its interface.
  init(_ report: PeerReport<PeerID>, _ names: InterfaceNames, isDeaf: Bool) {
    address = "\(report.id.address)"
    interface = names.name(of: report.id.interface)
    port = Int(report.port)
    state = report.state.rawValue
    lastHeardUsec = WallTime.microseconds(report.lastHeard)
    ageUsec = WallTime.sinceMonotonic(report.lastHeard) / 1000
    intervalUsec = report.interval / 1000
    beats = report.beats
    missed = UInt64(report.missed)
    missedHere = UInt64(report.missedHere)
    duplicates = UInt64(report.duplicates)
    reordered = UInt64(report.reordered)
    restarts = UInt64(report.restarts)
    clockSteps = UInt64(report.clockSteps)
    jitterUsec = report.jitter / 1000
    offsetUsec = report.offset
    note = Self.note(report, isDeaf ? ["not judged: \(interface) is not there"] : [])
  }

  private static func note(_ report: PeerReport<PeerID>, _ first: [String]) -> String {
    var notes = first
    if let other = report.otherPort { notes.append("two senders, ports \(report.port) and \(other)") }
    if abs(report.offset) > 1_000_000 { notes.append("its clock differs") }
    if report.missedHere > 0 { notes.append("\(report.missedHere) missed here") }
    return notes.joined(separator: "; ")
  }

  /// Our own sender.
  init(_ own: OwnHeartbeats.Report, _ names: InterfaceNames, _ members: Members) {
    interface = names.name(of: own.interface)
    let name = interface
    address = members.interfaces.values.first { $0.name == name }?.addresses.first.map { "\($0)" } ?? "self"
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
