// SPDX-License-Identifier: Apache-2.0

/// The pace of one peer's beats over the last minute. Times are in nanoseconds of CLOCK_MONOTONIC.
///
/// A beat is spread over the time since the previous one, not counted in its second: a steady sender shows a
/// level line, where whole beats a second would alternate between 0 and 2 close to a second's edge.
struct PaceHistory: Sendable {
  private static let second = LastMinute.second

  /// Beats in each second.
  private var beats = LastMinute()
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
    beats.fill(after: lastSecond, through: second, with: 0)
    let gap = time - last
    if gap == 0 {
      beats[second] += 1
    } else {
      let from = max(last, time - Int64(LastMinute.span) * Self.second)
      for part in (from / Self.second)...second {
        let start = max(from, part * Self.second)
        let end = min(time, (part + 1) * Self.second)
        beats[part] += Float(end - start) / Float(gap)
      }
    }
    last = time
  }

  /// The last minute in equal parts, the oldest first, each as a share of the expected rate: 1 for on pace, 0
  /// for silence, nil where unknown.
  ///
  /// - Parameters:
  ///   - parts: A divisor of 60, see `LastMinute.parts`.
  ///   - interval: Expected interval of the peer's beats, in nanoseconds. For this long after its last beat a
  ///     peer counts as on pace.
  func shares(parts: Int, until now: Int64, interval: Int64) -> [Float?] {
    LastMinute.parts(parts, until: now).map { share(of: $0, until: now, interval) }
  }

  private func share(of seconds: Range<Int64>, until now: Int64, _ interval: Int64) -> Float? {
    let start = max(seconds.lowerBound * Self.second, knownFrom)
    let end = min(seconds.upperBound * Self.second, now)
    guard end > start else { return nil }
    var sum: Float = 0
    let heardUntil = last / Self.second
    for second in seconds
    where second <= heardUntil && heardUntil - second <= Int64(LastMinute.span) {
      sum += beats[second]
    }
    let pending = max(0, min(end, last + interval) - max(start, last))
    return (sum * Float(interval) + Float(pending)) / Float(end - start)
  }
}
