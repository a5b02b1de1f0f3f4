// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

extension PeerReply {
  /// - Parameter conditions: those of its interface.
  package init(_ report: PeerReport<PeerID>, interface: String, _ conditions: [Condition]) {
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
  package init(expected address: IPAddress, _ state: PeerState) {
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
  package init(_ own: OwnHeartbeats.Report, interface: String, address: IPAddress?) {
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
