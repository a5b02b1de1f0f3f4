// SPDX-License-Identifier: Apache-2.0

/// Times as people read them.
enum Milliseconds {
  /// `340 ms`, `2.4 s`.
  ///
  /// - Parameter nanoseconds: not negative.
  static func text(_ nanoseconds: Int64) -> String {
    let milliseconds = nanoseconds / 1_000_000
    guard milliseconds >= 1000 else { return "\(milliseconds) ms" }
    return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
  }
}
