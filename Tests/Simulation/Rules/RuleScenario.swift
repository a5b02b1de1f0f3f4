// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform
import Rules

/// Rules, and what happens second by second: for `HeardRules`, and for an oracle that reads it as text.
struct RuleScenario {
  /// What is other from a second on.
  struct Event: Equatable {
    enum What: Equatable {
      /// A host says this of a reading; nil for nothing.
      case says(String, String?)
      /// It is not heard any more.
      case silent
      /// It is heard again.
      case heard
      /// Whether it is there, in the eyes of this host.
      case peer(PeerState)
      /// What its heartbeats prove.
      case proof(Proof)
    }

    var second: Int
    var host: HostName
    var what: What
  }

  /// The text of a rule's file, without `flip-limit` and `fresh` where these are as by default.
  struct Text: Equatable {
    var name: String
    var lines: [String]
  }

  var seed: UInt64 = 0
  /// The last second.
  var seconds: Int
  var own: HostName
  var rules: [Text]
  /// In order of their seconds.
  var events: [Event]

  /// As `Tests/RulesTests/Oracle/oracle.py` reads it.
  var text: String {
    var lines = ["scenario \(seed) \(seconds) \(own)"]
    for rule in rules {
      lines.append("rule \(rule.name)")
      lines += rule.lines.map { "> \($0)" }
    }
    lines += events.map { "event \($0.second) \($0.host) \($0.what)" }
    return (lines + ["run"]).joined(separator: "\n") + "\n"
  }

  /// A rule of a text, for whole seconds.
  ///
  /// A span that is over at the first second above it ends here just before that second.
  static func rule(_ text: Text) throws(RuleFileError) -> Rule {
    let bytes = Array(text.lines.joined(separator: "\n").utf8)
    var rule = try RuleFile.parse(bytes, path: "\(text.name).rule")
    let rest = Int64.seconds(1) - 1
    rule.terms.fresh = (rule.terms.fresh ?? .seconds(5)) + rest
    rule.flipLimit.span += rest
    return rule
  }

  /// The states of each rule, a letter a second.
  ///
  /// - Parameter order: Of datagrams that arrive at the same time, and of what is told in between.
  ///
  /// - Throws: Where a rule is refused.
  func states(order: UInt64 = 1) throws(RuleFileError) -> [String] {
    var rules: [Rule] = []
    for text in self.rules { rules.append(try Self.rule(text)) }
    var run = RuleScenarioRun(self, rules, order: order)
    return run.states()
  }
}

extension RuleScenario.Event.What: CustomStringConvertible {
  var description: String {
    switch self {
    case .says(let key, let value): "\(key)=\(value ?? "")"
    case .silent: "silent"
    case .heard: "heard"
    case .peer(let state): "peer=\(state.rawValue)"
    case .proof(let proof): "proof=\(proof.rawValue)"
    }
  }
}

/// A scenario as it runs.
private struct RuleScenarioRun {
  private let scenario: RuleScenario
  private let rules: [Rule]
  private var heard: HeardRules
  private var random: Random
  private var senders: [ReadingsSender] = []
  private var places: [HostName: Int] = [:]
  private var own: ReadingsSender
  private var silent: Set<HostName> = []

  /// Nothing is special about the second 0.
  private static let start = Int64.seconds(1000)

  init(_ scenario: RuleScenario, _ rules: [Rule], order: UInt64) {
    self.scenario = scenario
    self.rules = rules
    random = Random(seed: order << 32 ^ scenario.seed)
    own = ReadingsSender(scenario.own)
    heard = HeardRules(rules, own: scenario.own, at: Self.start)
  }

  mutating func states() -> [String] {
    // Whether what is told of readings, at the same time, has an influence.
    let isTelling = random.chance(0.5)
    var states = [RuleName: RuleMachine.State]()
    var letters = [[UInt8]](repeating: [], count: rules.count)
    var events = scenario.events[...]
    for second in 0...scenario.seconds {
      let now = Self.start + .seconds(Int64(second))
      while let event = events.first, event.second <= second {
        events.removeFirst()
        take(event, at: now)
      }
      beat(at: now)
      heard.advance(through: now)
      for transition in heard.book.takeTransitions() where !transition.isDrill {
        states[transition.rule] = transition.to
      }
      for (place, rule) in rules.enumerated() {
        letters[place].append(Self.letter(states[rule.name] ?? .inactive))
      }
      if isTelling, random.chance(0.5) { heard.tellReadings(at: now) }
    }
    return letters.map { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func take(_ event: RuleScenario.Event, at now: Int64) {
    switch event.what {
    case .says(let key, let value) where event.host == scenario.own:
      own.say(key, value)
      heard.say(own.said, at: now)
    case .says(let key, let value): senders[sender(event.host)].say(key, value)
    case .silent: silent.insert(event.host)
    case .heard: silent.remove(event.host)
    case .peer(let state):
      let proof = places[event.host].flatMap { senders[$0].proof }
      heard.notePeer(event.host, PeerFinding(state, proof: proof ?? .ok), at: now)
    case .proof(let proof):
      senders[sender(event.host)].proof = proof
      if var finding = heard.evidence.peers[event.host] {
        finding.proof = proof
        heard.notePeer(event.host, finding, at: now)
      }
    }
  }

  private mutating func sender(_ host: HostName) -> Int {
    if let place = places[host] { return place }
    places[host] = senders.count
    senders.append(ReadingsSender(host))
    senders[senders.count - 1].proof = .ok
    return senders.count - 1
  }

  /// All who are not silent, in any order.
  private mutating func beat(at now: Int64) {
    guard !senders.isEmpty else { return }
    let first = random.below(senders.count)
    for step in senders.indices {
      let place = (first + step) % senders.count
      guard !senders[place].saysNothing, !silent.contains(senders[place].name) else { continue }
      heard.hear(senders[place].beat(), proof: senders[place].proof, at: now)
    }
  }

  private static func letter(_ state: RuleMachine.State) -> UInt8 { state.rawValue.utf8.first ?? 0 }
}
