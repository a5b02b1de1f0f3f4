// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// The numbers of one reading over the last minute, each of which holds until the next. Times are in
/// nanoseconds of CLOCK_MONOTONIC.
struct NumberHistory: Sendable {
  /// The last number of each second, NaN where it is not known.
  private var numbers = LastMinute()
  /// The first second, and the last that is noted.
  private let first: Int64
  private var last: Int64
  /// What it is now, NaN where that is not known.
  private var held: Float

  init(_ number: Float?, at time: Int64) {
    (first, last) = (time / LastMinute.second, time / LastMinute.second)
    held = number ?? .nan
    numbers[last] = held
  }

  /// - Parameters:
  ///   - number: What it is from now on; nil where that is not known.
  ///   - time: One before that of the last call is clamped to it.
  mutating func note(_ number: Float?, at time: Int64) {
    let second = max(time / LastMinute.second, last)
    numbers.fill(after: last, through: second, with: held)
    held = number ?? .nan
    numbers[second] = held
    last = second
  }

  /// The last minute in equal parts, the oldest first: the mean of what is known of each, nil where nothing
  /// is.
  ///
  /// - Parameter parts: A divisor of 60, see `LastMinute.parts`.
  func means(parts: Int, until now: Int64) -> [Double?] {
    LastMinute.parts(parts, until: now).map { seconds in
      let known = seconds.filter { first <= $0 && $0 <= now / LastMinute.second }.map(number)
        .filter { !$0.isNaN }
      return known.isEmpty ? nil : known.reduce(0) { $0 + Double($1) } / Double(known.count)
    }
  }

  private func number(in second: Int64) -> Float {
    if second > last { return held }
    return last - second <= Int64(LastMinute.span) ? numbers[second] : .nan
  }

  /// What differs by less than this share is drawn level: else the noise of a sensor would look like a storm.
  private static let level = 0.04

  /// The height of each number between the lowest and the highest.
  ///
  /// - Returns: 0 to 1; nil where nothing is known.
  static func heights(_ numbers: [Double?]) -> [Double?] {
    let known = numbers.compactMap { $0 }
    guard let low = known.min(), let high = known.max() else { return numbers }
    let range = max(high - low, max(abs(low), abs(high)) * level)
    guard range > 0 else { return numbers.map { $0.map { _ in 0.5 } } }
    let middle = (low + high) / 2
    return numbers.map { $0.map { 0.5 + ($0 - middle) / range } }
  }
}

extension ReadingValue {
  /// The number without its unit; nil of words, and of one that is too large to be drawn.
  var drawn: Float? { number.map(Float.init).flatMap { $0.isFinite ? $0 : nil } }
}
