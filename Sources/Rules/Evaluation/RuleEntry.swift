// SPDX-License-Identifier: Apache-2.0

import Platform

/// A rule in force: its conditions as they are, and its state.
struct RuleEntry: Sendable {
  let rule: Rule
  var lines: [RuleLine]
  var machine: RuleMachine
  /// As if values for practice were true; nil where nobody says any.
  var drill: RuleMachine?
  /// How many values for practice are said.
  var drillCount = 0
  /// Whether it is to be stepped.
  var isDirty = false
  /// What the last step was made of, and until when nothing more follows from it.
  private var last: (found: Found, due: Int64)?

  /// What its conditions are.
  private struct Found: Equatable {
    var when, until: Ternary
    /// As if values for practice were true; nil where nobody says any.
    var drill: [Ternary]?
  }

  init(_ rule: Rule, _ machine: RuleMachine) {
    self.rule = rule
    self.machine = machine
    lines = Self.lines(of: rule)
  }

  private static func lines(of rule: Rule) -> [RuleLine] {
    rule.when.map { RuleLine($0, isUntil: false) } + rule.until.map { RuleLine($0, isUntil: true) }
  }

  /// Forgets its hosts.
  mutating func removeHosts() {
    lines = Self.lines(of: rule)
    (drillCount, isDirty) = (0, false)
  }

  /// Whether all of `when` hold, and whether any of `until` does.
  func results(drills: Bool) -> (when: Ternary, until: Ternary) {
    let when = lines.all { $0.isUntil ? .yes : $0.result(drills: drills) }
    guard !rule.until.isEmpty else { return (when, !when) }
    return (when, lines.any { $0.isUntil ? $0.result(drills: drills) : .no })
  }

  /// A step of the rule, or of what it would be.
  struct Step {
    var from: RuleMachine.State
    var to: RuleMachine.State
    var isDrill: Bool
    var cause: RuleTransition.Cause
  }

  /// Takes up a state that is entered already.
  ///
  /// - Parameters:
  ///   - stored: What the previous process knew.
  ///   - grace: For how long unknown does not end it, in nanoseconds.
  mutating func adopt(_ stored: RuleMachine.Stored?, at now: Int64, grace: Int64) {
    machine.adopt(stored, at: now, grace: grace)
    last = nil
  }

  /// Goes on, where it is time or its conditions are others than before: how often it is asked does not
  /// matter.
  ///
  /// - Returns: What changed, and when to step again; nil for never.
  mutating func step(at now: Int64) -> (steps: [Step], deadline: Int64?) {
    let found = found
    if let last, last.found == found, now < last.due { return ([], last.due == .max ? nil : last.due) }
    let (steps, deadline) = go(at: now)
    // What would go on at once goes on with the next look: a rule that contradicts itself turns in no circle.
    let due = deadline.map { $0 > now ? $0 : now + Rulebook.untilNextLook }
    last = (found, due ?? .max)
    return (steps, due)
  }

  private var found: Found {
    let (when, until) = results(drills: false)
    guard drillCount > 0 else { return Found(when: when, until: until) }
    let drill = results(drills: true)
    return Found(when: when, until: until, drill: [drill.when, drill.until])
  }

  private mutating func go(at now: Int64) -> (steps: [Step], deadline: Int64?) {
    var steps: [Step] = []
    // For practice it begins where it really is.
    if drillCount > 0, drill == nil { drill = machine }
    let (when, until) = results(drills: false)
    let old = machine.state
    if machine.step(rule, when: when, until: until, at: now) {
      steps.append(Step(from: old, to: machine.state, isDrill: false, cause: cause(old, machine.state)))
    }
    var deadline = machine.deadline(rule, when: when, until: until, at: now)
    if let former = drill?.state {
      if drillCount == 0 {
        drill = nil
        if former.isEntered != machine.state.isEntered {
          steps.append(Step(from: former, to: machine.state, isDrill: true, cause: .drillOver))
        }
      } else {
        let (when, until) = results(drills: true)
        if drill?.step(rule, when: when, until: until, at: now) == true, let state = drill?.state {
          steps.append(Step(from: former, to: state, isDrill: true, cause: cause(former, state)))
        }
        let next = drill?.deadline(rule, when: when, until: until, at: now)
        deadline = min(deadline ?? .max, next ?? .max)
      }
    }
    return (steps, deadline == .max ? nil : deadline)
  }

  private func cause(_ from: RuleMachine.State, _ to: RuleMachine.State) -> RuleTransition.Cause {
    from == .suspended || to == .suspended ? .flips : .conditions
  }

  /// Which of its lines decided a step, and by which result of their hosts.
  func deciding(_ step: Step) -> [(line: Int, results: [Ternary])] {
    // What is suspended as it is left was left for a reason.
    guard step.cause == .conditions || step.cause == .flips && step.from.isEntered else { return [] }
    func lines(_ isUntil: Bool, _ results: [Ternary]) -> [(line: Int, results: [Ternary])] {
      self.lines.indices.compactMap { place in
        let line = self.lines[place]
        let result = line.result(drills: step.isDrill)
        guard line.isUntil == isUntil, results.contains(result) else { return nil }
        return (place, [result])
      }
    }
    switch (step.from, step.to) {
    case (_, .pending), (.inactive, .active), (.pending, .active): return lines(false, [.yes])
    // The end does not hold any more.
    case (.releasing, .active): return rule.until.isEmpty ? lines(false, [.yes]) : lines(true, [.no])
    case (.pending, .inactive):
      let ended = rule.until.isEmpty ? [] : lines(true, [.yes])
      return ended.isEmpty ? lines(false, [.no, .perhaps]) : ended
    default:
      guard !rule.until.isEmpty else { return lines(false, [.no, .perhaps]) }
      // What is unknown decides only where nothing else does.
      let ended = lines(true, [.yes])
      return ended.isEmpty ? lines(true, [.perhaps]) : ended
    }
  }
}
