// SPDX-License-Identifier: Apache-2.0

/// The container's journal, as journalctl(1) shows it.
extension Container {
  /// The entries that match, oldest first.
  ///
  /// - Parameters:
  ///   - position: only those behind it. journalctl's own `--after-cursor=` would on systemd 252 leave out
  ///     the first that matches, when the entry at the cursor does not match itself.
  ///   - matches: arguments of journalctl.
  func journal(after position: UInt64 = 0, _ matches: [String]) async throws -> [JournalEntry] {
    let arguments = ["journalctl", "--quiet", "--all", "--output=json"] + matches
    return try await ChildProcess.run(inside(arguments)).checked().lines
      .map(JournalEntry.init(line:)).filter { $0.sequenceNumber > position }
  }

  func journal(after position: UInt64 = 0, _ matches: String...) async throws -> [JournalEntry] {
    try await journal(after: position, matches)
  }

  /// Waits until what was sent to journald is in the journal.
  func syncJournal() async throws {
    try await run("journalctl", "--sync").checked()
  }

  /// Where the journal ends now.
  func journalEnd() async throws -> UInt64 {
    try await syncJournal()
    guard let last = try await journal("--lines=1").last else {
      throw NeverHappened(description: "the journal is empty")
    }
    return last.sequenceNumber
  }

  /// Waits until `count` entries match and are wanted, and returns them all.
  @discardableResult
  func entries(
    _ count: Int, after position: UInt64 = 0, _ matches: String..., within limit: Duration = .seconds(10),
    where isWanted: (JournalEntry) -> Bool = { _ in true }
  ) async throws -> [JournalEntry] {
    try await eventually("\(count) entries \(matches.joined(separator: " "))", within: limit) {
      let found = try await journal(after: position, matches).filter(isWanted)
      return found.count >= count ? found : nil
    }
  }
}
