// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform

/// Plays a scenario: hosts that beat once a second, and the rules that hear them, in simulated time.
package struct ScenarioPlayer {
  /// Between two heartbeats of a host, in nanoseconds.
  static let beat: Int64 = 1_000_000_000
  /// The beginning by all clocks, in nanoseconds.
  private static let start: Int64 = 3_600_000_000_000

  /// What there is to tell, in order. Times are in nanoseconds from the beginning.
  package enum Event: Sendable {
    case transition(RuleTransition, at: Int64)
    /// A rule is in another state than is expected.
    case unexpected(Scenario.Expectation, at: Int64, RuleReport)
    /// It is over.
    case end(at: Int64)
  }

  /// Time from the beginning until one that a report has.
  package static func elapsed(at time: Int64) -> Int64 { time - start }

  private var rehearsal: Rehearsal
  private let interface: Int32?
  private var hosts: [ScenarioHost] = []
  private var places: [PeerSubject: Int] = [:]
  private var own: ScenarioHost?

  private init(_ rules: [Rule]) {
    rehearsal = Rehearsal(rules, at: Self.start)
    interface = rehearsal.listen(on: "eth0", at: Self.start)
  }

  /// Plays it to its end, and for so long after it as what it began may take.
  ///
  /// - Parameter tell: Takes what happens.
  package static func play(_ scenario: Scenario, _ rules: [Rule], _ tell: (Event) -> Void) {
    var player = ScenarioPlayer(rules)
    let end = scenario.end + tail(after: rules)
    var lines = scenario.lines[...]
    var beat: Int64 = 0
    while true {
      let time = min(lines.first?.time ?? .max, beat)
      guard time <= end else { break }
      player.rehearsal.advance(to: start + time)
      let present = lines.prefix { $0.time == time }
      lines = lines[present.endIndex...]
      player.act(present, at: time, isBeat: time == beat)
      if time == beat { beat += Self.beat }
      player.rehearsal.advance(through: start + time)
      player.tellTransitions(tell)
      player.check(present, at: time, tell)
    }
    player.rehearsal.advance(through: start + end)
    player.tellTransitions(tell)
    tell(.end(at: end))
  }

  /// How long what the last line began may take, in nanoseconds.
  private static func tail(after rules: [Rule]) -> Int64 {
    let spans = rules.map { rule in
      rule.holdsFor + rule.releasesFor + max(rule.terms.fresh ?? 0, HostFacts.freshBeats * beat)
        + (rule.onUnknown == .hold ? rule.holdFor : 0)
    }
    return (spans.max() ?? 0) + beat
  }

  // MARK: Hosts

  private mutating func act(_ lines: ArraySlice<Scenario.Line>, at time: Int64, isBeat: Bool) {
    var due: Set<Int> = []
    for line in lines {
      guard case .hosts(let subjects, let deeds) = line.step else { continue }
      for subject in subjects {
        if subject.name == Scenario.ownName {
          say(deeds, as: subject, at: time)
        } else {
          let place = place(of: subject)
          for deed in deeds { act(deed, place, at: time) }
          due.insert(place)
        }
      }
    }
    for place in hosts.indices where hosts[place].isBeating && (isBeat || due.contains(place)) {
      hear(place, at: time)
    }
  }

  private mutating func place(of subject: PeerSubject) -> Int {
    if let place = places[subject] { return place }
    places[subject] = hosts.count
    hosts.append(ScenarioHost(subject, number: hosts.count))
    return hosts.count - 1
  }

  private mutating func act(_ deed: Scenario.Deed, _ place: Int, at time: Int64) {
    let wasBeating = hosts[place].isBeating
    hosts[place].act(deed)
    let subject = hosts[place].subject
    switch deed {
    case .appear(let state):
      rehearsal.appear(
        subject, as: PeerFinding(state == .unknown ? nil : state, proof: hosts[place].proof),
        at: Self.start + time)
    case .beat, .fallSilent: rehearsal.appear(subject, as: nil, at: Self.start + time)
    case .leave:
      rehearsal.appear(subject, as: nil, at: Self.start + time)
      if wasBeating { hear(place, at: time, isGoodbye: true) }
    case .say, .prove: break
    }
  }

  private mutating func hear(_ place: Int, at time: Int64, isGoodbye: Bool = false) {
    guard let interface else { return }
    let moment = Self.start + time
    let payload = hosts[place].nextBeat(at: moment, isGoodbye: isGoodbye)
    let host = hosts[place]
    payload.withUnsafeBytes {
      rehearsal.hear(
        $0, from: host.source, on: interface, proof: host.proof, at: moment, received: moment, isPeer: true)
    }
  }

  private mutating func say(_ deeds: [Scenario.Deed], as subject: PeerSubject, at time: Int64) {
    guard let name = subject.name else { return }
    var host = own ?? ScenarioHost(subject, number: 0)
    for deed in deeds { host.act(deed) }
    own = host
    rehearsal.say(host.saying, as: name, at: Self.start + time)
  }

  // MARK: What follows

  private mutating func tellTransitions(_ tell: (Event) -> Void) {
    for transition in rehearsal.takeTransitions() {
      tell(.transition(transition, at: Self.elapsed(at: transition.time)))
    }
  }

  private func check(_ lines: ArraySlice<Scenario.Line>, at time: Int64, _ tell: (Event) -> Void) {
    for line in lines {
      guard case .expect(let expectation) = line.step,
        let report = rehearsal.report(of: expectation.rule)
      else { continue }
      let state = expectation.isDrill ? report.drill ?? report.state : report.state
      if state != expectation.state { tell(.unexpected(expectation, at: time, report)) }
    }
  }
}
