// SPDX-License-Identifier: Apache-2.0

import Platform
import Settings

/// The reply to `Reload`.
package struct ReloadReply: Codable, Sendable, Equatable {
  /// A setting that the reload changed.
  package struct Change: Codable, Sendable, Equatable {
    package var key: String
    package var before: String
    package var after: String
    package var origin: String

    package init(_ change: SettingChange) {
      key = change.key.name
      (before, after, origin) = (change.before, change.after, "\(change.origin)")
    }
  }

  package var changes: [Change]
  /// The keys in force as `ID ALGORITHM (seals)`, in the order of their file, where the reload changed them.
  package var keys: [String]
  /// Rules that are new, changed or removed, as `NAME (new)`.
  package var rules: [String]
  /// Unknown and misplaced names, whether they are new or not.
  package var warnings: [String]

  package init(changes: [Change], keys: [String], rules: [String], warnings: [String]) {
    self.changes = changes
    self.keys = keys
    self.rules = rules
    self.warnings = warnings
  }

  /// A line for each change, for people.
  package func text() -> ConsoleText {
    var text: ConsoleText = changes.reduce(into: "") {
      $0 += "\($1.key): \($1.before) → \($1.after)  (\($1.origin))\n"
    }
    if !keys.isEmpty { text += "keys: \(keys.joined(separator: ", "))\n" }
    if !rules.isEmpty { text += "rules: \(rules.joined(separator: ", "))\n" }
    return text.isEmpty ? "nothing changed\n" : text
  }
}
