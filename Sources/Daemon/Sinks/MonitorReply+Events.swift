// SPDX-License-Identifier: Apache-2.0

import Control
import Facts
import Heartbeat
import Journal
import Liveness
import Monitor
import Platform
import Rules

extension MonitorReply {
  /// An event: one reply, or one for each of the peers or readings that it is about.
  ///
  /// - Parameter realtime: When it was told, in nanoseconds of CLOCK_REALTIME.
  static func replies(for event: Event, realtime: Int64) -> [MonitorReply] {
    if case .readings(let changes, let group) = event {
      return changes.single.map { reply(for: $0, of: group, realtime: realtime) }
    }
    return replies(for: event, EventCatalogue.entry(of: event), realtime: realtime)
  }

  private static func reply(
    for change: ReadingsEvent, of group: Endpoint, realtime: Int64
  ) -> MonitorReply {
    let event = Event.readings(change, group: group)
    var reply = reply(for: event, EventCatalogue.entry(of: event), realtime: realtime)
    guard let changes = change.changes, let reading = changes.changes.first else { return reply }
    reply.timeUsec = Clocks.epochMicroseconds(ofMonotonic: changes.time)
    reply.host = "\(changes.host)"
    reply.address = changes.address.map { "\($0)" }
    reply.setReading(reading.id, reading.now.value, reading.now.quality)
    return reply
  }

  private static func reply(for event: Event, _ entry: EventEntry?, realtime: Int64) -> MonitorReply {
    var reply = MonitorReply(EventCatalogue.name(of: event, entry), timeUsec: realtime / 1000)
    if let entry {
      reply.priority = Int(entry.priority.rawValue)
      (reply.message, reply.messageId, reply.fields) = (entry.message, entry.kind.messageID, entry.fields)
      reply.interface = entry.fields["MCAST_INTERFACE"]
    }
    return reply
  }

  private static func replies(
    for event: Event, _ entry: EventEntry?, realtime: Int64
  ) -> [MonitorReply] {
    var reply = reply(for: event, entry, realtime: realtime)
    if case .rule(let event) = event { reply.setRule(event) }
    guard case .peer(let change, let group) = event else { return [reply] }
    switch change {
    case .one(let event, let moment, let interface):
      reply.timeUsec = Clocks.epochMicroseconds(ofMonotonic: moment)
      reply.interface = interface
      if !event.isOfNetwork {
        reply.setPeer(event.id.subject, at: event.report?.address)
        reply.state = event.state?.rawValue
      }
      return [reply]
    case .expected(let peers):
      return peers.map { subject, state in
        var reply = reply
        reply.setPeer(subject)
        reply.state = state?.rawValue
        return reply
      }
    case .neverHeard(let subjects, let waited):
      // An entry that lists all of them, with each of them, would be quadratic.
      guard subjects.count == 1 else {
        return subjects.flatMap { subject in
          replies(for: .peer(.neverHeard([subject], waited: waited), group: group), realtime: realtime)
        }
      }
      reply.setPeer(subjects[0])
      reply.state = PeerState.silent.rawValue
      return [reply]
    case .removed(let peers):
      return peers.map { peer, interface in
        var reply = reply
        reply.setPeer(peer.subject)
        reply.interface = interface
        return reply
      }
    case .several, .suppressed: return [reply]
    }
  }

  /// A condition in the snapshot, as it is now.
  init(_ condition: Condition) {
    self.init(.condition, timeUsec: Clocks.epochMicroseconds(ofMonotonic: condition.since))
    (self.condition, interface) = (condition.kind.rawValue, condition.interface)
  }

  /// A peer in the snapshot, in the state that was told last; nil where none was, so that an event follows.
  init?(_ report: PeerReport<PeerID>, interface name: String) {
    guard let told = report.told else { return nil }
    self.init(.peer, timeUsec: Clocks.epochMicroseconds(ofMonotonic: report.lastHeard))
    setPeer(report.id.subject, at: report.address)
    (interface, state) = (name, told.rawValue)
  }

  /// An expected peer in the snapshot that was never heard.
  init(expected subject: PeerSubject, _ state: PeerState) {
    self.init(.peer, timeUsec: 0)
    setPeer(subject)
    self.state = state.rawValue
  }

  /// A rule in the snapshot.
  ///
  /// - Parameter since: In nanoseconds of CLOCK_MONOTONIC.
  init(rule name: RuleName, _ state: RuleMachine.State, since: Int64) {
    self.init(.rule, timeUsec: Clocks.epochMicroseconds(ofMonotonic: since))
    (rule, self.state) = ("\(name)", state.rawValue)
  }

  private mutating func setRule(_ event: RuleEvent) {
    switch event {
    case .changed(let transition):
      timeUsec = Clocks.epochMicroseconds(ofMonotonic: transition.time)
      (rule, state) = ("\(transition.rule)", transition.to.rawValue)
      isDrill = transition.isDrill
    case .state(let name, _, _, _): rule = "\(name)"
    case .leftOut, .mended, .suppressed: break
    }
  }

  /// A reading in the snapshot.
  init(_ report: ReadingReport) {
    self.init(.reading, timeUsec: Clocks.epochMicroseconds(ofMonotonic: report.heard))
    (host, address) = ("\(report.host)", report.address.map { "\($0)" })
    setReading(report.id, report.value, report.quality)
  }

  private mutating func setReading(_ id: Reading.ID, _ value: ReadingValue, _ quality: ReadingQuality) {
    (key, self.value, self.quality) = (id.key.text, value.text, quality.rawValue)
  }

  /// - Parameter address: Of a named one, where it is known.
  private mutating func setPeer(_ subject: PeerSubject, at address: IPAddress? = nil) {
    host = subject.name.map { "\($0)" }
    self.address = (subject.address ?? address).map { "\($0)" }
  }
}

extension PeerEvent {
  /// The state of the peer from now on; nil where it is not in the table any more, and for events of all.
  fileprivate var state: PeerState? {
    switch self {
    case .discovered, .back, .returned, .known: .alive
    case .silent: .silent
    case .left: .left
    case .contested(let peer, _): peer.told ?? .alive
    case .unknown: .unknown
    case .forgotten, .evicted, .networkSilent, .networkHeard: nil
    }
  }
}
