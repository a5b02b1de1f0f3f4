// SPDX-License-Identifier: Apache-2.0

/// What prints lines that a test awaits: a process on its standard output, a daemon into its journal.
protocol LineSource: Sendable {
  /// The lines so far, complete ones only.
  var lines: [String] { get }

  /// - Returns: the lines once `isEnough` of them holds; nil when the limit was reached before.
  func lines(
    within limit: Duration, until isEnough: @escaping @Sendable ([String]) -> Bool
  ) async -> [String]?

  /// What it is and did, for the report of a wait that was in vain.
  var report: String { get }
}

extension LineSource {
  /// - Returns: the lines for which `matches` holds, once there are `count` of them.
  /// - Throws: ``NeverHappened``.
  @discardableResult
  func lines(
    _ count: Int, within limit: Duration = .seconds(10),
    where matches: @escaping @Sendable (String) -> Bool = { _ in true }
  ) async throws -> [String] {
    guard let reached = await lines(within: limit, until: { $0.count(where: matches) >= count }) else {
      throw NeverHappened(description: "fewer than \(count) such lines within \(limit) from \(report)")
    }
    return reached.filter(matches)
  }

  /// - Returns: the first line for which `matches` holds.
  /// - Throws: ``NeverHappened``.
  @discardableResult
  func line(
    within limit: Duration = .seconds(10), where matches: @escaping @Sendable (String) -> Bool
  ) async throws -> String {
    try await lines(1, within: limit, where: matches)[0]
  }

  /// Waits for two more lines with `text`: the first may be of before.
  ///
  /// - Throws: ``NeverHappened``.
  func hears(_ text: String, within limit: Duration = .seconds(10)) async throws {
    try await lines(lines.count { $0.contains(text) } + 2, within: limit) { $0.contains(text) }
  }
}
