// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform

extension Rulebook {
  /// All rules as they are, in the order in which they were given.
  package func reports(_ evidence: some RuleEvidence) -> [RuleReport] { entries.map { report($0, evidence) } }

  /// The same, a part of them.
  ///
  /// - Parameters:
  ///   - place: Where to begin: 0, or where the part before ended.
  ///   - limit: Hosts in their conditions, after which the part ends; one rule at least is in it.
  /// - Returns: Also where to go on; nil at the end.
  package func reports(
    from place: Int, limit: Int, _ evidence: some RuleEvidence
  ) -> (reports: [RuleReport], rest: Int?) {
    var (reports, count, next) = ([RuleReport](), 0, place)
    while next < entries.count, reports.isEmpty || count < limit {
      count += entries[next].lines.reduce(0) { $0 + $1.hosts.count }
      reports.append(report(entries[next], evidence))
      next += 1
    }
    return (reports, next < entries.count ? next : nil)
  }

  private func report(_ entry: RuleEntry, _ evidence: some RuleEvidence) -> RuleReport {
    let (when, until) = entry.results(drills: false)
    return RuleReport(
      rule: entry.rule, state: entry.machine.state, since: entry.machine.since,
      next: entry.machine.deadline(entry.rule, when: when, until: until, at: clock),
      drill: entry.drill?.state,
      lines: entry.lines.map {
        report($0, terms: entry.rule.terms, evidence, drills: entry.drill != nil, only: nil, limit: .max)
      })
  }

  /// What a condition finds of its hosts.
  ///
  /// - Parameter only: Of which results hosts are named; nil for all.
  func report(
    _ line: RuleLine, terms: Rule.Terms, _ evidence: some RuleEvidence, drills: Bool, only: [Ternary]?,
    limit: Int
  ) -> LineReport {
    let test = line.condition.test
    var found: [LineReport.Host] = []
    var more = 0
    for member in line.hosts.indices where line.counts(member) {
      guard only?.contains(line.result(of: member, drills: drills)) != false else { continue }
      guard found.count < limit else {
        more += 1
        continue
      }
      let subject = hosts[Int(line.hosts[member])].subject
      let name = subject.map(\.name) ?? evidence.ownName
      let finding =
        if test.subject == .peer, let subject {
          test.find(
            name != nil && name == evidence.ownName
              ? PeerFinding(.alive, isOwn: true) : evidence.peer(subject), terms)
        } else {
          test.find(in: name.flatMap { evidence.facts(of: $0) }, terms, drills: drills, at: clock)
            .explained(isThere: name == evidence.ownName || subject.flatMap(evidence.peer)?.isThere == true)
        }
      found.append(LineReport.Host(subject, finding))
    }
    return LineReport(
      line.condition, isUntil: line.isUntil, result: line.result(drills: drills), hosts: found, more: more)
  }
}
