// SPDX-License-Identifier: Apache-2.0

import Settings

/// What `Reload` answers.
struct ReloadReply: Codable, Sendable, Equatable {
  struct Change: Codable, Sendable, Equatable {
    var key: String
    var before: String
    var after: String
    var origin: String

    init(_ change: SettingChange) {
      key = change.key.name
      (before, after, origin) = (change.before, change.after, "\(change.origin)")
    }
  }

  var changes: [Change]
  /// What was found and not understood, whether it is new or not.
  var warnings: [String]

  /// For people, a line a change.
  func text() -> ConsoleText {
    guard !changes.isEmpty else { return "nothing changed\n" }
    return changes.reduce(into: "") { $0 += "\($1.key): \($1.before) → \($1.after)  (\($1.origin))\n" }
  }
}
