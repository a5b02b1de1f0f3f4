// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

/// What a condition finds of its hosts.
package struct LineReport: Equatable, Sendable {
  package struct Host: Equatable, Sendable {
    /// Nil for this host.
    package var host: PeerSubject?
    package var finding: HostFinding

    package init(_ host: PeerSubject?, _ finding: HostFinding) {
      self.host = host
      self.finding = finding
    }
  }

  package var condition: Condition
  /// Whether it is one of `until`.
  package var isUntil: Bool
  package var result: Ternary
  /// In the order of the rule, and those that only a pattern names by their names.
  package var hosts: [Host]
  /// Hosts beyond these.
  package var more = 0

  package init(_ condition: Condition, isUntil: Bool, result: Ternary, hosts: [Host], more: Int = 0) {
    self.condition = condition
    self.isUntil = isUntil
    self.result = result
    self.hosts = hosts
    self.more = more
  }
}

/// A rule is in another state.
package struct RuleTransition: Equatable, Sendable {
  package enum Cause: Equatable, Sendable {
    /// What is so, or is not so any more: `lines` says what.
    case conditions
    /// The limit of `flip-limit` is reached, or its time is over.
    case flips
    /// Its state was entered already when the process began.
    case adopted
    /// The rule is not there any more.
    case removed
    /// No value for practice is said any more.
    case drillOver
  }

  package var rule: RuleName
  package var description: String
  /// That the rule feeds.
  package var state: RuleName
  package var from: RuleMachine.State
  package var to: RuleMachine.State
  /// Nanoseconds of CLOCK_MONOTONIC.
  package var time: Int64
  package var cause: Cause
  /// The conditions that decided, each with the hosts that did.
  package var lines: [LineReport] = []
  /// Whether it would be so if values for practice were true.
  package var isDrill = false
  package var isDryRun = false

  package init(
    _ rule: Rule, from: RuleMachine.State, to: RuleMachine.State, at time: Int64, _ cause: Cause
  ) {
    self.rule = rule.name
    description = rule.description
    state = rule.state
    isDryRun = rule.isDryRun
    self.from = from
    self.to = to
    self.time = time
    self.cause = cause
  }
}

/// A rule as it is now.
package struct RuleReport: Equatable, Sendable {
  package var rule: Rule
  package var state: RuleMachine.State
  /// Nanoseconds of CLOCK_MONOTONIC.
  package var since: Int64
  /// When it goes on if nothing changes; nil for never.
  package var next: Int64?
  /// The state in which it would be if values for practice were true; nil where nobody says any.
  package var drill: RuleMachine.State?
  package var lines: [LineReport]
}
