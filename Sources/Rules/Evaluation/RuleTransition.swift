// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

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
  /// Of the rule, in nanoseconds.
  package var holdsFor: Int64
  package var releasesFor: Int64
  package var flipLimit: Rule.FlipLimit

  package init(
    _ rule: Rule, from: RuleMachine.State, to: RuleMachine.State, at time: Int64, _ cause: Cause
  ) {
    self.rule = rule.name
    description = rule.description
    state = rule.state
    isDryRun = rule.isDryRun
    (holdsFor, releasesFor, flipLimit) = (rule.holdsFor, rule.releasesFor, rule.flipLimit)
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
