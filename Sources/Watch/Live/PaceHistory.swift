// SPDX-License-Identifier: Apache-2.0

/// The pace of one peer's beats over the last minute. Times are in nanoseconds of CLOCK_MONOTONIC.
///
/// A beat counts for all the time since the one before it, not for the second in which it came: a steady
/// sender shows a level line, where whole beats a second would show 0 and 2 whenever they come close to the
/// second's edge.
struct PaceHistory: Sendable {
  /// Seconds that are remembered.
  static let span = 60
  private static let second: Int64 = 1_000_000_000

  /// Beats of each second, by the second modulo their number: one more than are shown, for the one that is
  /// not over.
  private var beats = [Float](repeating: 0, count: span + 1)
  /// The first moment of which anything is known.
  private let knownFrom: Int64
  private var last: Int64

  init(firstBeatAt time: Int64) {
    knownFrom = time
    last = time
  }

  /// A beat came, not before the one before.
  mutating func note(beatAt time: Int64) {
    let time = max(time, last)
    let (lastSecond, second) = (last / Self.second, time / Self.second)
    // At most once around.
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

  /// The minute until now in equal parts, the oldest first, each as a share of what is expected of the peer:
  /// 1 for on pace, 0 for silence, nil where nothing is known.
  ///
  /// - Parameters:
  ///   - parts: A divisor of 60. Parts begin at multiples of their length, so that they move on without
  ///     changing, and the last one is not over.
  ///   - interval: How often the peer is expected to be heard, in nanoseconds. As long after its last beat it
  ///     is taken to be on pace.
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
