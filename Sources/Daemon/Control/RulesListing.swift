// SPDX-License-Identifier: Apache-2.0

import Control
import Platform
import Rules
import Systemd
import Varlink

/// The reply to `ListRules`.
enum RulesListing {
  /// Hosts in conditions, after which the receive loop goes on with its work.
  private static let slice = 1000
  /// How long systemd is asked for targets, in nanoseconds: whoever calls waits for 5 s.
  private static let longestAsking: Int64 = 2_000_000_000

  /// All rules, in order of their names, as `RulesReply` has them.
  ///
  /// - Parameter expected: Bytes that it may have.
  static func build(from daemon: Daemon, expected: Int) async -> VarlinkParameters {
    let head = RulesReply.Head(leftOut: await daemon.ruleFiles.faults.map { "\($0)" })
    guard var list = VarlinkParameters.ListEncoder(head, list: RulesReply.Head.list, expected: expected)
    else { return .none }
    var targets: [RuleName: (unit: String, state: UnitState?)] = [:]
    let end = Clocks.monotonic() + longestAsking
    var place: Int? = 0
    while let from = place {
      let (reports, rest) = await daemon.subscriber.read { pipeline in
        pipeline.monitor.ruleReports(from: from, limit: Self.slice)
      }
      for report in reports {
        let state = report.rule.state
        if targets[state] == nil, Clocks.monotonic() < end {
          targets[state] = await target(of: state, daemon.states)
        }
        let (unit, found) = targets[state] ?? (daemon.states.unitName(of: state.text), nil)
        let unitState = found.map { $0.loadState == "masked" ? "masked" : $0.activeState } ?? ""
        _ = list.append(
          RuleReply(report, unit: unit, unitState: unitState, wantedBy: found?.wanted ?? []))
      }
      place = rest
    }
    return list.finish()
  }

  private static func target(
    of state: RuleName, _ states: StateOutlet
  ) async -> (unit: String, state: UnitState?) {
    do throws(UnitRefusal) {
      let (unit, found) = try await states.target(of: state.text)
      return (unit.name, found)
    } catch {
      return (states.unitName(of: state.text), nil)
    }
  }
}
