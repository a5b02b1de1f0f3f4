// SPDX-License-Identifier: Apache-2.0

/// Times of a scenario as it may have them itself.
package enum ScenarioTime {
  /// `29s`, `64.5s`: in seconds, rounded up to a millisecond, so that what happens just after a time is not
  /// shown at that time.
  ///
  /// - Parameter time: In nanoseconds, not negative.
  package static func text(_ time: Int64) -> String {
    let milliseconds = time / 1_000_000 + (time % 1_000_000 > 0 ? 1 : 0)
    guard milliseconds % 1000 != 0 else { return "\(milliseconds / 1000)s" }
    var rest = String(milliseconds % 1000 + 1000).dropFirst()
    while rest.hasSuffix("0") { rest.removeLast() }
    return "\(milliseconds / 1000).\(rest)s"
  }
}
