// SPDX-License-Identifier: Apache-2.0

/// A number for each second of the last minute. Seconds are those of CLOCK_MONOTONIC.
struct LastMinute: Sendable {
  /// Its length, in seconds.
  static let span = 60
  /// In nanoseconds.
  static let second: Int64 = 1_000_000_000

  /// Indexed by the second modulo the count: one more than shown, for the current one.
  private var numbers = [Float](repeating: 0, count: span + 1)

  /// The number of a second, which must not be more than `span` before the last that was set.
  subscript(second: Int64) -> Float {
    get { numbers[Int(second % Int64(numbers.count))] }
    set { numbers[Int(second % Int64(numbers.count))] = newValue }
  }

  /// Sets the seconds after one up to another, at most one pass over the ring.
  mutating func fill(after last: Int64, through second: Int64, with number: Float) {
    guard second > last else { return }
    for passed in max(last + 1, second - Int64(Self.span))...second { self[passed] = number }
  }

  /// The seconds of the last minute in equal parts, the oldest first. Parts begin at multiples of their
  /// length, so that they shift without changing; the last one is incomplete.
  ///
  /// - Parameters:
  ///   - count: A divisor of 60.
  ///   - now: In nanoseconds.
  static func parts(_ count: Int, until now: Int64) -> [Range<Int64>] {
    let length = Int64(span / count)
    let last = now / second / length
    return (0..<count).map { part in
      let first = (last - Int64(count - 1 - part)) * length
      return first..<(first + length)
    }
  }
}
