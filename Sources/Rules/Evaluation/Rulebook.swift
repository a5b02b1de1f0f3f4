// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform

/// All rules in force. Given what hosts say as it changes, and the time, it says which rules are in which
/// state, each at the very time at which it gets there.
///
/// A test of a host is made again only when what the host says changes, or gets too old: a rule costs nothing
/// while nothing happens. A pure value; times are in nanoseconds of CLOCK_MONOTONIC.
package struct Rulebook: Sendable {
  /// For how long after the start a state that was entered before is not left for what is unknown, at least,
  /// in nanoseconds.
  static let grace: Int64 = 5_000_000_000
  /// Time after a step until one follows from the same, in nanoseconds.
  static let untilNextLook: Int64 = 1_000_000_000
  /// Hosts that decided a transition, of a line, that are named.
  static let mostDeciding = 16
  /// Members that do not count any more, from which on all is built anew.
  static let mostAbsent = 1024

  /// Where the result of a test goes.
  struct Watch {
    /// The place in `questions`.
    var question: Int32
    var rule: Int32
    var line: Int32
    var member: Int32
    var isMatched: Bool
  }

  /// What rules ask of hosts, many of them the same.
  struct Question: Hashable {
    var test: ReadingTest
    var terms: Rule.Terms
    /// The same for all that are about one reading under the same terms.
    var topic: Int
  }

  struct Host {
    /// Nil for this host.
    var subject: PeerSubject?
    /// In the order of `questions`.
    var readings: [Watch] = []
    var peers: [Watch] = []
    /// Whether it was compared with all patterns.
    var isMatched = false
    var isPeerMatched = false
    /// Whether what it says is too old for a rule.
    var isAwaited = false
  }

  var entries: [RuleEntry] = []
  var hosts: [Host] = []
  var places: [PeerSubject: Int] = [:]
  /// Each once, those of a topic after one another.
  var questions: [Question] = []
  var ownPlace: Int?
  /// This host's name as of the last time.
  var ownName: HostName?
  /// Lines with a pattern.
  var patterns: [(rule: Int, line: Int)] = []
  var absent = 0
  /// When tests of a host are to be made again, by host.
  var reviews = DeadlineHeap()
  /// When a rule is to be stepped, by rule.
  var steps = DeadlineHeap()
  var dirty: [Int] = []
  /// Not later than any input to come.
  var clock: Int64
  private var transitions: [RuleTransition] = []
  /// Whether a state may be otherwise than `told`.
  private var mayHaveStates = false
  /// As `takeStates` gave them last.
  private var told: [RuleName: Bool] = [:]

  /// What the previous process knew, until `adopt`.
  private var restored: [RuleName: RuleMachine.Stored]

  /// No rules.
  ///
  /// - Parameter restored: What the previous process knew of those to come.
  package init(at time: Int64, restoring restored: [RuleName: RuleMachine.Stored] = [:]) {
    clock = time
    self.restored = restored
  }

  /// Whether there are none.
  package var isEmpty: Bool { entries.isEmpty }

  // MARK: Rules

  /// Has these rules in force and no others. A rule of the same name goes on in its state; the state of one
  /// that is gone is left.
  package mutating func replace(by rules: [Rule], _ evidence: some RuleEvidence, at now: Int64) {
    advance(to: now, evidence)
    let old = Dictionary(entries.map { ($0.rule.name, $0) }) { first, _ in first }
    entries = rules.map { rule in
      var machine = old[rule.name]?.machine ?? RuleMachine(at: clock)
      if let before = old[rule.name]?.rule, before != rule { machine.reconsider(at: clock) }
      return RuleEntry(rule, machine)
    }
    build(evidence)
    mayHaveStates = true
    let names = Set(rules.map(\.name))
    for entry in old.values.sorted(by: { $0.rule.name < $1.rule.name })
    where !names.contains(entry.rule.name) && entry.machine.state != .inactive {
      transitions.append(
        RuleTransition(entry.rule, from: entry.machine.state, to: .inactive, at: clock, .removed))
    }
  }

  /// What the next process is to know.
  package var stored: [RuleName: RuleMachine.Stored] {
    entries.reduce(into: restored) { $0[$1.rule.name] = $1.machine.stored }
  }

  /// These states and no others are entered already, as the process begins. Where several rules feed one,
  /// those go on that had entered it, as far as that is known.
  ///
  /// - Parameter interval: Of heartbeats, in nanoseconds: until hosts can have been heard, what is unknown
  ///   ends nothing.
  package mutating func adopt(
    _ entered: Set<RuleName>, _ evidence: some RuleEvidence, interval: Int64, at now: Int64
  ) {
    advance(to: now, evidence)
    let stored = restored
    restored = [:]
    let decided = Set(entries.map(\.rule).filter { stored[$0.name]?.wasEntered == true }.map(\.state))
    for state in states.keys where entered.contains(state) { told[state] = true }
    mayHaveStates = true
    for place in entries.indices {
      let rule = entries[place].rule
      let before = stored[rule.name]
      if let before { entries[place].machine.restore(before, at: clock) }
      markDirty(place)
      let wasEntered = before?.wasEntered == true
      let isEntered = rule.isDryRun ? wasEntered : entered.contains(rule.state)
      let old = entries[place].machine.state
      if isEntered, wasEntered || !decided.contains(rule.state), old == .inactive {
        entries[place].adopt(before, at: clock, grace: max(Self.grace, HostFacts.freshBeats * interval))
        transitions.append(RuleTransition(rule, from: old, to: .active, at: clock, .adopted))
      } else if wasEntered {
        entries[place].machine.noteLoss(at: clock)
      }
    }
  }

  /// In which state each rule is, since when, and how often that changed since the start.
  package var current: [(rule: RuleName, state: RuleMachine.State, since: Int64, changes: UInt64)] {
    entries.map { ($0.rule.name, $0.machine.state, $0.machine.since, $0.machine.changes) }
  }

  /// The states that rules feed, and whether each is entered.
  package var states: [RuleName: Bool] {
    entries.reduce(into: [:]) { states, entry in
      guard !entry.rule.isDryRun else { return }
      states[entry.rule.state] = states[entry.rule.state] == true || entry.machine.state.isEntered
    }
  }

  /// States that were entered or left since the last call, in order of their names.
  package mutating func takeStates() -> [(state: RuleName, isEntered: Bool)] {
    guard mayHaveStates else { return [] }
    mayHaveStates = false
    let states = states
    let former = told
    told = states
    let changed = Set(states.keys).union(former.keys).filter {
      (states[$0] ?? false) != (former[$0] ?? false)
    }
    return changed.sorted().map { ($0, states[$0] ?? false) }
  }

  /// Changes of rules since the last call, in their order.
  package mutating func takeTransitions() -> [RuleTransition] {
    defer { transitions = [] }
    return transitions
  }

  /// Whether there is something to tell that waits for nothing.
  package var hasNews: Bool { !transitions.isEmpty || mayHaveStates || !dirty.isEmpty }

  /// Whether `note` is to follow a heartbeat of a host although it says the same as before: for a rule it was
  /// not heard for too long.
  package func awaits(_ host: HostName) -> Bool {
    places[.name(host)].map { hosts[$0].isAwaited } ?? false
  }

  // MARK: Time

  /// When to call `advance` if nothing changes before; nil for never.
  package var nextDeadline: Int64? {
    if !dirty.isEmpty { return clock }
    // Asked for each datagram.
    guard let review = reviews.first?.deadline else { return steps.first?.deadline }
    return steps.first.map { min($0.deadline, review) } ?? review
  }

  /// Has everything happen that comes before a time: what is given at that very time counts first.
  package mutating func advance(to time: Int64, _ evidence: some RuleEvidence) {
    run(evidence) { $0 < time }
    clock = max(clock, time)
  }

  /// The same with what comes at that time.
  package mutating func advance(through time: Int64, _ evidence: some RuleEvidence) {
    run(evidence) { $0 <= time }
    clock = max(clock, time)
  }

  private mutating func run(_ evidence: some RuleEvidence, while isDue: (Int64) -> Bool) {
    while let next = nextDeadline, isDue(next) {
      clock = max(clock, next)
      while let first = reviews.first, first.deadline <= clock { review(first.slot, evidence) }
      while let first = steps.first, first.deadline <= clock {
        steps.remove(first.slot)
        markDirty(first.slot)
      }
      let rules = dirty.sorted()
      dirty = []
      for rule in rules { step(rule, evidence) }
    }
  }

  private mutating func step(_ place: Int, _ evidence: some RuleEvidence) {
    entries[place].isDirty = false
    let (steps, next) = entries[place].step(at: clock)
    if let next { self.steps.set(next, for: place) } else { self.steps.remove(place) }
    for step in steps {
      var transition = RuleTransition(
        entries[place].rule, from: step.from, to: step.to, at: clock, step.cause)
      transition.isDrill = step.isDrill
      if !step.isDrill, step.from.isEntered != step.to.isEntered { mayHaveStates = true }
      transition.lines = entries[place].deciding(step).map { line, results in
        report(
          entries[place].lines[line], terms: entries[place].rule.terms, evidence, drills: step.isDrill,
          only: results, limit: Self.mostDeciding)
      }
      transitions.append(transition)
    }
  }
}
