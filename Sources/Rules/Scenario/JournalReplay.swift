// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform

/// Plays heartbeats that a daemon recorded through rules, in the time in which they were received.
///
/// What the journal does not say is not there either: what was lost on the way to it, `peers.expected`, and
/// whether this host heard itself.
package struct JournalReplay {
  /// A heartbeat as the journal has it.
  package struct Record {
    package var payload: [UInt8]
    /// In nanoseconds of CLOCK_REALTIME.
    package var received: Int64
    package var source: Endpoint
    package var interface: String
    /// Nil where nothing had to be proved.
    package var proof: Proof?
    /// Which daemon recorded it: its host, unit and group.
    package var recorder: String

    package init(
      payload: [UInt8], received: Int64, source: Endpoint, interface: String, proof: Proof?,
      recorder: String
    ) {
      self.payload = payload
      self.received = received
      self.source = source
      self.interface = interface
      self.proof = proof
      self.recorder = recorder
    }
  }

  /// What was in the journal.
  package struct Counts: Equatable, Sendable {
    package var heartbeats = 0
    /// Those of this host itself among them.
    package var own = 0
    /// Those that had a proof among them.
    package var checked = 0
    /// Payloads that are none, and entries whose time is none.
    package var noHeartbeats = 0
    /// Those of other daemons than the first.
    package var otherRecorders = 0
    /// Those of more interfaces than are told apart.
    package var otherInterfaces = 0
    /// Those that were received before the one before them.
    package var outOfOrder = 0
    /// How often the clock was set back.
    package var clockSteps = 0
    /// Times without any heartbeat that are longer than hosts stay fresh.
    package var gaps = 0
    /// The longest of them: how long, and when it began, in nanoseconds.
    package var longestGap: Int64 = 0
    package var gapBegan: Int64 = 0
    /// When the first and the last were received, in nanoseconds of CLOCK_REALTIME.
    package var first: Int64?
    package var last: Int64?

    package init() {}
  }

  /// How far back is no other order, but a clock that was set, in nanoseconds.
  private static let leastStep: Int64 = 2_000_000_000
  /// How long nothing has to be heard to be told, in nanoseconds.
  private static let leastGap: Int64 = 10_000_000_000
  /// The beginning, in nanoseconds of the rehearsal.
  private static let start: Int64 = 3_600_000_000_000
  /// The latest time of an entry, in nanoseconds: more is no time.
  private static let latest: Int64 = 4_000_000_000_000_000_000

  private let rules: [Rule]
  private let own: HostName?
  private var rehearsal: Rehearsal
  private var recorder: String?
  private var now = start
  /// How far the wall clock is ahead, in nanoseconds.
  private var lead: Int64 = 0
  private var ownText: [UInt8]?
  package private(set) var counts = Counts()

  /// - Parameter own: What the daemon called itself; nil where it is not known.
  package init(_ rules: [Rule], own: HostName?) {
    self.rules = rules
    self.own = own
    rehearsal = Rehearsal(rules, at: Self.start)
  }

  /// What follows from a record.
  ///
  /// - Returns: Changes of rules, with their times in nanoseconds of CLOCK_REALTIME.
  package mutating func take(_ record: Record) -> [RuleTransition] {
    guard 0..<Self.latest ~= record.received,
      let outline = record.payload.withUnsafeBytes({ Heartbeat.read($0) })
    else {
      counts.noHeartbeats += 1
      return []
    }
    recorder = recorder ?? record.recorder
    guard recorder == record.recorder else {
      counts.otherRecorders += 1
      return []
    }
    advance(to: record.received)
    guard let interface = rehearsal.listen(on: record.interface, at: now) else {
      counts.otherInterfaces += 1
      return []
    }
    counts.heartbeats += 1
    if record.proof != nil { counts.checked += 1 }
    if let own, outline.said?.host == own {
      counts.own += 1
      sayOwn(record.payload, outline, as: own)
    } else {
      record.payload.withUnsafeBytes {
        rehearsal.hear(
          $0, from: record.source, on: interface, proof: record.proof, at: now, received: now + lead)
      }
    }
    rehearsal.advance(through: now)
    return transitions()
  }

  /// Goes on to when a record was received.
  private mutating func advance(to received: Int64) {
    defer { (counts.first, counts.last) = (counts.first ?? received, received) }
    guard let last = counts.last else {
      lead = received - Self.start
      return
    }
    let time = received - lead
    if time < now {
      counts.outOfOrder += 1
      guard now - time > Self.leastStep else { return }
      // The clock was set back: it is not known how long it took, and it was no time at least.
      counts.clockSteps += 1
      counts.outOfOrder -= 1
      lead = received - now
      return
    }
    if time - now > Self.leastGap {
      counts.gaps += 1
      if time - now > counts.longestGap { (counts.longestGap, counts.gapBegan) = (time - now, last) }
    }
    // The clock may be set forward and back again and again.
    now = min(time, Self.latest)
    lead = received - now
  }

  private mutating func sayOwn(_ payload: [UInt8], _ outline: Heartbeat.Outline, as name: HostName) {
    let text = Array(payload[outline.readings])
    guard text != ownText else { return }
    ownText = text
    rehearsal.say(Heartbeat(payload)?.readings ?? [], as: name, at: now)
  }

  private mutating func transitions() -> [RuleTransition] {
    rehearsal.takeTransitions().map { transition in
      var transition = transition
      transition.time += lead
      return transition
    }
  }

  /// In which states the rules are now.
  package var reports: [RuleReport] { rules.compactMap { rehearsal.report(of: $0.name) } }
}
