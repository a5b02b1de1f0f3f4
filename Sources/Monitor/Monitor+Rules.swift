// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform
import Rules

extension Monitor {
  /// What rules are decided by: what is known of the group at the moment.
  private struct Evidence: RuleEvidence {
    let known: Facts
    let liveness: GroupLiveness

    func facts(of host: HostName) -> HostFacts? { known.facts(of: host) }
    var ownName: HostName? { known.ownName }
    var names: [HostName] { known.knownNames }

    func peer(_ subject: PeerSubject) -> PeerFinding? {
      PeerFinding(liveness.interfaces.reports(of: subject))
        ?? liveness.expected.state(of: subject).map { PeerFinding($0 == .unknown ? nil : $0) }
    }

    var peerNames: [HostName] {
      var names: Set<HostName> = []
      liveness.interfaces.forEachPeer { if let name = $0.name { names.insert(name) } }
      return Array(names)
    }
  }

  private var evidence: Evidence { Evidence(known: facts, liveness: liveness) }

  /// Has everything happen that rules do before a time: to be called before anything is known that was not
  /// known then. Allocates nothing where nothing is due.
  mutating func advanceRules(to time: Int64) {
    guard let deadline = rules.nextDeadline, deadline < time else { return }
    rules.advance(to: time, evidence)
  }

  /// Has rules judge what was noted of hosts since the last call.
  ///
  /// - Parameter host: One that is judged in any case.
  mutating func judgeRules(of host: HostName? = nil, at time: Int64) {
    guard facts.hasUnjudged || host != nil else { return }
    rules.note(facts.takeUnjudged() + (host.map { [$0] } ?? []), evidence, at: time)
  }

  /// What rules have to tell once everything was given that is known at a time.
  ///
  /// - Parameter looksAtPeers: Whether there may be news of peers.
  mutating func toldRules(looksAtPeers: Bool, now: Int64) -> [Directive] {
    judgeRules(at: now)
    guard !rules.isEmpty || rules.hasNews else { return [] }
    if looksAtPeers { rules.notePeers(evidence, at: now) }
    rules.advance(through: now, evidence)
    let transitions = rules.takeTransitions()
    let states = rules.takeStates().map { state, isEntered in
      let decisive = transitions.last {
        $0.state == state && !$0.isDrill && !$0.isDryRun && $0.to.isEntered == isEntered
      }
      return RuleEvent.state(state, isEntered: isEntered, by: decisive?.rule, at: decisive?.time ?? now)
    }
    return (transitions.map { .changed($0) } + states).map { .tell(.rule($0)) }
  }

  /// Has these rules in force from now on.
  ///
  /// - Parameter entered: As the process begins, the states that are entered already; nil later on.
  mutating func apply(_ new: [Rule], entered: Set<RuleName>?, at now: Int64) {
    facts.setJudged(!new.isEmpty)
    rules.replace(by: new, evidence, at: now)
    if let entered { rules.adopt(entered, evidence, interval: interval, at: now) }
  }

  /// A part of all rules as they are, as of `Rulebook`.
  package func ruleReports(from place: Int, limit: Int) -> (reports: [RuleReport], rest: Int?) {
    rules.reports(from: place, limit: limit, evidence)
  }
}
