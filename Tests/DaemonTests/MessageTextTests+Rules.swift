// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Facts
@testable import Heartbeat
@testable import Journal
@testable import Monitor
@testable import Platform
@testable import Rules

extension MessageTextTests {
  static func rules() throws -> [Row] {
    var rule = try RuleFile.parse(
      Array(
        """
        description=On battery: stop the fans
        when=2 of ups1,ups2,ups3: ups.status has OB
        until=2 of ups1,ups2,ups3: ups.status has OL
        release-for=5s
        """.utf8), path: "fans-off.rule")
    let fields = [
      "MCAST_RULE": "fans-off", "MCAST_STATE": "fans-off", "MCAST_DONE": "yes",
    ]
    func told(
      _ from: RuleMachine.State, _ to: RuleMachine.State, cause: RuleTransition.Cause = .conditions,
      isDrill: Bool = false, _ lines: LineReport...
    ) -> Event {
      var transition = RuleTransition(rule, from: from, to: to, at: second, cause)
      transition.lines = lines
      transition.isDrill = isDrill
      return .rule(.changed(transition))
    }
    let battery = try #require(ReadingValue("OB DISCHRG"))
    let when = LineReport(
      rule.when[0], isUntil: false, result: .yes,
      hosts: [
        LineReport.Host(.name("ups1"), HostFinding(true, battery)),
        LineReport.Host(.name("ups2"), HostFinding(true, battery)),
      ])
    let until = LineReport(
      rule.until[0], isUntil: true, result: .perhaps,
      hosts: [
        LineReport.Host(.name("ups1"), HostFinding(unknown: .stale, battery)),
        LineReport.Host(.name("ups3"), HostFinding(unknown: .neverHeard)),
      ], more: 2)
    let because = "2 of ups1,ups2,ups3: ups.status has OB (ups1=OB DISCHRG, ups2=OB DISCHRG)"
    let unknown =
      "2 of ups1,ups2,ups3: ups.status has OL (ups1=OB DISCHRG: not heard for too long, ups3: not heard "
      + "and 2 more)"
    var rows = [
      Row(
        told(.inactive, .pending, when), .ruleState, .notice,
        "state fans-off entered in 10s if it stays so: \(because)",
        fields.merging(["MCAST_RULE_STATE": "pending", "MCAST_RULE_BEFORE": "inactive"]) { $1 }),
      Row(
        told(.pending, .active, when), .ruleState, .warning,
        "state fans-off entered (On battery: stop the fans): \(because)",
        ["MCAST_RULE_STATE": "active", "MCAST_DECIDED": because]),
      Row(
        told(.active, .releasing, until), .ruleState, .notice,
        "state fans-off left in 5s if it stays so: \(unknown)", ["MCAST_DECIDED": unknown]),
      Row(
        told(.releasing, .active, when), .ruleState, .notice, "state fans-off stays entered: \(because)"),
      Row(told(.releasing, .inactive, until), .ruleState, .warning, "state fans-off left: \(unknown)"),
      Row(
        told(.pending, .inactive, until), .ruleState, .notice,
        "state fans-off is not entered after all: \(unknown)"),
      Row(
        told(.releasing, .suspended, cause: .flips), .ruleSuspended, .error,
        "rule fans-off is suspended for 1h: its state was entered or left 6 times within that time "
          + "(flip-limit), and stays left. See why it comes and goes: `mcastd rules`",
        ["MCAST_RULE_STATE": "suspended"]),
      Row(
        told(.active, .suspended, cause: .flips, until), .ruleSuspended, .error,
        "rule fans-off is suspended for 1h: its state was entered or left 6 times within that time "
          + "(flip-limit), and stays left. See why it comes and goes: `mcastd rules`. It was left now: \(unknown)",
        ["MCAST_DECIDED": unknown]),
      Row(
        told(.suspended, .inactive, cause: .flips), .ruleState, .notice,
        "rule fans-off is not suspended any more"),
      Row(
        told(.inactive, .active, cause: .adopted), .ruleState, .warning,
        "state fans-off goes on: it was entered before mcastd started"),
      Row(
        told(.active, .inactive, cause: .removed), .ruleState, .warning,
        "state fans-off left, for its rule is gone"),
      Row(
        told(.pending, .active, isDrill: true, when), .ruleState, .notice,
        "for practice, nothing is done: state fans-off would be entered (On battery: stop the fans): "
          + because, ["MCAST_DONE": "drill"]),
      Row(
        told(.active, .inactive, cause: .drillOver, isDrill: true), .ruleState, .notice,
        "for practice, nothing is done: state fans-off left as it really is, for the practice is over"),
      Row(.rule(.state(rule.state, isEntered: true, by: rule.name, at: second))),
      Row(.rule(.state(rule.state, isEntered: false, by: nil, at: second))),
      Row(
        .rule(
          .leftOut(RuleFault(path: "/etc/mcastd/rules.d/a.rule", line: 3, column: 7, problem: "when: ?"))),
        .ruleLeftOut, .warning, "rule not in force: /etc/mcastd/rules.d/a.rule:3:7: when: ?",
        ["MCAST_PATH": "/etc/mcastd/rules.d/a.rule", "MCAST_LINE": "3"]),
      Row(
        .rule(.mended(path: "/etc/mcastd/rules.d/a.rule")), .ruleInForce, .notice,
        "nothing is wrong with /etc/mcastd/rules.d/a.rule any more",
        ["MCAST_PATH": "/etc/mcastd/rules.d/a.rule"]),
      Row(
        .rule(.suppressed(try Example.numbers().second)), .summarised, .notice,
        "2 changes of rules have no entry of their own, for what they wait for comes and goes; 42 in all "
          + "within 4.0 s: see `mcastd rules`", ["MCAST_REASON": "rules", "MCAST_SUMMARISED": "2"]),
    ]
    rule.isDryRun = true
    rows.append(
      Row(
        told(.pending, .active, when), .ruleState, .warning,
        "dry-run, nothing is done: state fans-off would be entered (On battery: stop the fans): \(because)",
        ["MCAST_DONE": "dry-run"]))
    return rows
  }
}
