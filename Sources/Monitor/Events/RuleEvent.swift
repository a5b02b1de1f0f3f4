// SPDX-License-Identifier: Apache-2.0

import Platform
import Rules

/// A change of rules, or of what they do.
package enum RuleEvent: Sendable {
  /// A rule is in another state.
  case changed(RuleTransition)
  /// A state is entered or left, for what an operator wired to it.
  ///
  /// - Parameters:
  ///   - rule: Which decided; nil where it is gone.
  ///   - at: In nanoseconds of CLOCK_MONOTONIC.
  case state(RuleName, isEntered: Bool, by: RuleName?, at: Int64)
  /// A rule is not in force, for its file is not as it should be, or not together with the settings.
  case leftOut(RuleFault)
  /// One that was not is in force, or its file is gone.
  case mended(path: String)
  /// So many changes have no entry of their own.
  case suppressed(SummaryPace.Summary)
}
