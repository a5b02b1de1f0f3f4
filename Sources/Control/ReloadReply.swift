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
  /// Unknown and misplaced names, whether they are new or not.
  package var warnings: [String]

  package init(changes: [Change], keys: [String], warnings: [String]) {
    self.changes = changes
    self.keys = keys
    self.warnings = warnings
  }

  /// A line for each change, for people.
  package func text() -> ConsoleText {
    guard !changes.isEmpty || !keys.isEmpty else { return "nothing changed\n" }
    let text: ConsoleText = changes.reduce(into: "") {
      $0 += "\($1.key): \($1.before) → \($1.after)  (\($1.origin))\n"
    }
    return keys.isEmpty ? text : text + "keys: \(keys.joined(separator: ", "))\n"
  }
}
