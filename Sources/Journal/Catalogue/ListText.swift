// SPDX-License-Identifier: Apache-2.0

/// Lists in messages.
enum ListText {
  /// `a, b and 3 more`.
  ///
  /// - Parameter more: How many are not named.
  static func named(_ items: some Sequence<String>, more: Int) -> String {
    items.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }

  /// `a (30), b (10)`.
  static func counted(_ items: some Sequence<(name: String, count: UInt64)>) -> String {
    items.map { "\($0.name) (\($0.count))" }.joined(separator: ", ")
  }
}
