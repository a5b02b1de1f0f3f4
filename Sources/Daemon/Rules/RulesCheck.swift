// SPDX-License-Identifier: Apache-2.0

import Platform
import Rules
import Settings

/// What `mcastd check` finds of the rules.
package enum RulesCheck {
  /// - Returns: Why rules are not in force, and what is likely not meant so.
  package static func run(_ settings: Settings) -> (errors: [String], warnings: [String]) {
    let files = RuleFiles(settings)
    return (files.faults.map { "\($0)" }, [])
  }
}
