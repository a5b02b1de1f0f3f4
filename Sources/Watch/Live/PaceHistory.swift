// SPDX-License-Identifier: Apache-2.0

/// The pace of one peer's beats over the last minute. Times are in nanoseconds of CLOCK_MONOTONIC.
///
/// A beat is spread over the time since the previous one, not counted in its second: a steady sender shows a
/// level line, where whole beats a second would alternate between 0 and 2 close to a second's edge.
struct PaceHistory: Sendable {
  /// Length of the history, in seconds.
  static let span = 60
  private static let second: Int64 = 1_000_000_000

  /// Beats in each second, indexed by the second modulo the count: one more than shown, for the current one.
  private var beats = [Float](repeating: 0, count: span + 1)
  /// Start of the history.
  private let knownFrom: Int64
  private var last: Int64

  init(firstBeatAt time: Int64) {
    knownFrom = time
    last = time
  }

  /// Counts a beat. A time before the previous beat is clamped to it.
  mutating func note(beatAt time: Int64) {
    let time = max(time, last)
    let (lastSecond, second) = (last / Self.second, time / Self.second)
    // At most one pass over the ring.
    if second > lastSecond {
      for passed in max(lastSecond + 1, second - Int64(Self.span))...second { beats[place(passed)] = 0 }
    }
    let gap = time - last
    if gap == 0 {
      beats[place(second)] += 1
    } else {
      let from = max(last, time - Int64(Self.span) * Self.second)
      for part in (from / Self.second)...second {
        let start = max(from, part * Self.second)
        let end = min(time, (part + 1) * Self.second)
        beats[place(part)] += Float(end - start) / Float(gap)
      }
    }
    last = time
  }

  /// The last minute in equal parts, the oldest first, each as a share of the expected rate: 1 for on pace, 0
  /// for silence, nil where unknown.
  ///
  /// - Parameters:
  ///   - parts: A divisor of 60. Parts begin at multiples of their length, so that they shift without
  ///     changing; the last one is incomplete.
  ///   - interval: Expected interval of the peer's beats, in nanoseconds. For this long after its last beat a
  ///     peer counts as on pace.
  func shares(parts: Int, until now: Int64, interval: Int64) -> [Float?] {
    let length = Int64(Self.span / parts)
    let lastPart = now / Self.second / length
    return (0..<parts).map { part in
      share(from: (lastPart - Int64(parts - 1 - part)) * length, seconds: length, until: now, interval)
    }
  }

  private func share(from first: Int64, seconds: Int64, until now: Int64, _ interval: Int64) -> Float? {
    let start = max(first * Self.second, knownFrom)
    let end = min((first + seconds) * Self.second, now)
    guard end > start else { return nil }
    var sum: Float = 0
    let heardUntil = last / Self.second
    for second in first..<(first + seconds)
    where second <= heardUntil && heardUntil - second <= Int64(Self.span) {
      sum += beats[place(second)]
    }
    let pending = max(0, min(end, last + interval) - max(start, last))
    return (sum * Float(interval) + Float(pending)) / Float(end - start)
  }

  private func place(_ second: Int64) -> Int { Int(second % Int64(beats.count)) }
}
