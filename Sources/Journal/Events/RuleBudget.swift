// SPDX-License-Identifier: Apache-2.0

import Monitor
import Platform
import Rules

/// Limits the entries about rules that wait and do not get there: what is near its threshold comes and goes
/// each second. That a state is entered or left always has an entry, for `flip-limit` bounds it.
///
/// A pure value; time is passed in, in monotonic nanoseconds.
package struct RuleBudget: Sendable {
  /// Entries at once, and a second, of a rule.
  static let burst = 20.0
  static let rate = 1.0 / 60

  private var rules: [RuleName: TokenBucket] = [:]
  private var suppressed = SummaryPace()

  package init() {}

  /// Whether a change is to have an entry.
  package mutating func admits(_ transition: RuleTransition, now: Int64) -> Bool {
    let isEvent = transition.from.isEntered != transition.to.isEntered || transition.to == .suspended
    let full = TokenBucket(rate: Self.rate, capacity: Self.burst, now: now)
    if isEvent || rules[transition.rule, default: full].take(now: now) { return true }
    suppressed.add(1, since: now, now: now)
    return false
  }

  /// The number of suppressed entries, when it is to be reported (`SummaryPace`).
  package mutating func takeSuppressed(now: Int64, isFinal: Bool) -> Event? {
    suppressed.take(now: now, isFinal: isFinal).map { .rule(.suppressed($0)) }
  }
}
