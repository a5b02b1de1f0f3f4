// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// A reply to `Monitor`, and a line of `mcastd monitor --json`: part of the snapshot, or an event.
package struct MonitorReply: Codable, Sendable, Equatable {
  /// The parts of the snapshot; all other names are of events.
  package enum Snapshot: String, CaseIterable, Sendable {
    case condition = "snapshot-condition"
    case peer = "snapshot-peer"
    case reading = "snapshot-reading"
    case rule = "snapshot-rule"
    /// No more of it follows.
    case complete = "snapshot-complete"
  }

  /// The event after which a caller may know what is not so any more, as it is no event of its own: that a
  /// rule is not there any more, or that this host has another name.
  package static let configurationApplied = "configuration-applied"

  /// What happened, in words with hyphens: `peer-silent`.
  package var event: String
  /// When, in microseconds of CLOCK_REALTIME; of a peer in the snapshot, when it was last heard, 0 for never.
  package var timeUsec: Int64
  /// The interface's name; nil where it concerns none, or an expected peer that was never heard.
  package var interface: String?
  /// The peer's name; nil where it gives none. Of the end of the snapshot, the name in this host's own
  /// heartbeats; nil where it sends none, or without a name.
  package var host: String?
  /// The peer's address; nil where it is not known.
  package var address: String?
  /// The state of the peer from now on (`PeerReply.state`); nil where it is not in the table any more.
  package var state: String?
  /// Of a reading (`ReadingReply`).
  package var key: String?
  package var value: String?
  package var quality: String?
  /// Of a rule, whose `state` it is then; of a state that is entered or left, its name.
  package var rule: String?
  /// Whether a rule only would be in this state, if what is said for practice were true.
  package var isDrill: Bool?
  /// Of a condition (`ConditionReply.condition`).
  package var condition: String?
  /// The priority of the entry in the journal (syslog(3)); with the three below, nil where it has none.
  package var priority: Int?
  package var message: String?
  package var messageId: String?
  /// The entry's other fields.
  package var fields: [String: String]?

  package init(_ event: String, timeUsec: Int64) {
    self.event = event
    self.timeUsec = timeUsec
  }

  package init(_ part: Snapshot, timeUsec: Int64) { self.init(part.rawValue, timeUsec: timeUsec) }

  /// A line for people; nil for the end of the snapshot.
  package var text: ConsoleText? {
    let time: ConsoleText =
      timeUsec == 0 ? "(never heard)" : "\(CivilTime(epochMicroseconds: timeUsec))"
    switch Snapshot(rawValue: event) {
    case .complete: return nil
    case .condition: return "\(time) \(condition ?? "") on \(interface ?? "-")\n"
    case .peer: return "\(time) \(subject): \(state ?? "")\n"
    case .reading: return "\(time) \(readingText)\n"
    case .rule: return "\(time) rule \(rule ?? ""): \(state ?? "")\n"
    case nil: break
    }
    if let message { return "\(time) \(message)\n" }
    if key != nil { return "\(time) \(readingText)\n" }
    if let rule { return "\(time) state \(rule): \(event)\n" }
    return "\(time) \(subject): \(event)\n"
  }

  private var readingText: String {
    "\(host ?? ""): \(key ?? "")=\(value ?? "") (\(quality ?? ""))"
  }

  private var subject: String {
    let peer = (host ?? address).map { "peer \($0)" } ?? "peers"
    return interface.map { "\(peer) on \($0)" } ?? peer
  }
}
