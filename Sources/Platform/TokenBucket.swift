// SPDX-License-Identifier: Apache-2.0

/// A token bucket: holds at most `capacity` tokens, gains `rate` a second, and starts full.
///
/// A pure value; time is passed in, in monotonic nanoseconds. A clock that goes back adds no tokens.
package struct TokenBucket: Sendable {
  /// Tokens a second.
  package let rate: Double
  package let capacity: Double
  package private(set) var tokens: Double
  /// When tokens were last added.
  private var refilled: Int64

  package init(rate: Double, capacity: Double, now: Int64) {
    self.rate = rate
    self.capacity = capacity
    tokens = capacity
    refilled = now
  }

  package mutating func refill(_ now: Int64) {
    guard now > refilled else { return }
    tokens = min(capacity, tokens + Double(now - refilled) / 1e9 * rate)
    refilled = now
  }

  /// Takes a token, without a refill.
  ///
  /// - Returns: false when there was none.
  package mutating func take() -> Bool {
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }

  /// Refills, then takes a token.
  ///
  /// - Parameter reserve: Tokens to leave to others.
  package mutating func take(now: Int64, leaving reserve: Double = 0) -> Bool {
    refill(now)
    return tokens >= 1 + reserve && take()
  }
}
