// SPDX-License-Identifier: Apache-2.0

import Control
import Platform
import Rules
import Systemd

extension Daemon {
  /// The reply to `ListRules`.
  func listRules() async -> RulesReply {
    let reports = await subscriber.read { $0.monitor.ruleReports }
    var rules: [RuleReply] = []
    var targets: [RuleName: (unit: String, state: UnitState?)] = [:]
    let end = Clocks.monotonic() + Self.longestAsking
    for report in reports {
      let state = report.rule.state
      if targets[state] == nil, Clocks.monotonic() < end { targets[state] = await target(of: state) }
      let (unit, found) = targets[state] ?? ("", nil)
      rules.append(
        RuleReply(
          report, unit: unit,
          unitState: found.map { $0.loadState == "masked" ? "masked" : $0.activeState } ?? "",
          wantedBy: found?.wanted ?? []))
    }
    return RulesReply(rules: rules, leftOut: ruleFaults.map { "\($0)" })
  }

  /// How long systemd is asked for targets, in nanoseconds: whoever calls waits for 5 s.
  private static let longestAsking: Int64 = 2_000_000_000

  private func target(of state: RuleName) async -> (unit: String, state: UnitState?) {
    do throws(UnitRefusal) {
      let (unit, found) = try await states.target(of: state.text)
      return (unit.name, found)
    } catch {
      return (states.unitName(of: state.text), nil)
    }
  }
}
