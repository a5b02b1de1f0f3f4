// SPDX-License-Identifier: Apache-2.0

import Control
import Platform
import Rules

extension Daemon {
  /// The reply to `ListRules`.
  func listRules() async -> RulesReply {
    let reports = await subscriber.read { $0.monitor.ruleReports }
    return RulesReply(
      rules: reports.map {
        RuleReply($0, unit: "mcastd-state@\($0.rule.state).target", unitState: "", wantedBy: [])
      },
      leftOut: ruleFaults.map { "\($0)" })
  }
}
