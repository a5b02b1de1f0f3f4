// SPDX-License-Identifier: Apache-2.0

/// Learns how often a peer sends, from the gaps between the arrivals of its beats, and says from when on a beat is
/// missing.
///
/// The expected interval is the lower median of the last eight gaps: a lost beat doubles one gap, and only more
/// than half of them could move it. It is at least 0.4 of the second longest gap, so that no pause that a peer took
/// twice lately makes it silent: two senders at one address, 0.1 s after one another, would otherwise seem to send
/// every 0.1 s. Until eight gaps are known it is the longest of them, and no less than what is assumed of everybody,
/// for two beats of a sender that was started twice say nothing of its pace.
struct IntervalEstimator: Equatable, Sendable, Codable {
  /// 10 ms, the shortest interval that can be configured, in nanoseconds.
  static let shortest: Int64 = 10_000_000
  /// 1 h, the longest interval that can be configured, in nanoseconds.
  static let longest: Int64 = 3_600_000_000_000

  /// The expected interval, in nanoseconds, `shortest` to `longest`.
  private(set) var interval: Int64
  /// The usual gap, in microseconds: the lower median, the longest as long as few are known, and 0 where one is.
  private(set) var usualGap: UInt32 = 0
  /// The last gaps in microseconds, `UInt32.max` where there is none.
  private var gaps = SIMD8<UInt32>(repeating: .max)
  private var count: UInt8 = 0
  private var next: UInt8 = 0
  /// The last gap was a silence; the next one tells whether the pace is another.
  private var isAfterPause = false

  init(assumed: Int64) {
    interval = Self.bounded(assumed)
  }

  /// Whether enough gaps are known for the interval to be the peer's own.
  var isLearned: Bool { count == 8 }

  /// How long after a beat the next one is missing, in nanoseconds. Half an interval is left for the jitter of the
  /// network, and never less than 50 ms for that of a busy scheduler.
  var overdueAfter: Int64 { interval + margin }
  /// How long after a beat three are missing.
  var lateAfter: Int64 { 3 * interval + margin }
  /// How long after a beat five are missing: 5.5 s at 1 Hz.
  var silentAfter: Int64 { 5 * interval + margin }

  private var margin: Int64 { max(interval / 2, 50_000_000) }

  /// Learns from the time between two beats.
  ///
  /// - Parameters:
  ///   - gap: Nanoseconds between their arrivals, 0 or more.
  ///   - assumed: The interval to assume of a peer that is hardly known, in nanoseconds.
  mutating func note(gap: Int64, assumed: Int64) {
    var gap = min(gap, Self.longest)
    if count > 0 {
      if isAfterPause {
        isAfterPause = false
        if gap > interval * 5 / 2 {
          // Silent, and now far slower than it was: it has another interval, or it would be called silent after
          // each of its next beats.
          gaps = SIMD8(repeating: .max)
          count = 0
          next = 0
        }
      } else if gap >= silentAfter {
        // Two silences of an hour within eight beats do not make the next one take an hour to see.
        isAfterPause = true
        gap = min(gap, 2 * silentAfter)
      }
    }
    gaps[Int(next & 7)] = UInt32(gap / 1000)
    next = (next &+ 1) & 7
    count = min(count + 1, 8)
    learn(assumed: assumed)
  }

  private mutating func learn(assumed: Int64) {
    let known = Int(count)
    let median = ranked((known - 1) / 2)
    usualGap = isLearned ? median : known > 1 ? ranked(known - 1) : 0
    if isLearned {
      interval = Self.bounded(max(Int64(median) * 1000, Int64(ranked(known - 2)) * 400))
    } else {
      interval = Self.bounded(max(Int64(ranked(known - 1)) * 1000, assumed))
    }
  }

  /// The gap that has `rank` smaller ones; places without a gap are larger than all.
  private func ranked(_ rank: Int) -> UInt32 {
    let one = SIMD8<UInt32>(repeating: 1)
    let zero = SIMD8<UInt32>(repeating: 0)
    for place in 0..<8 {
      let candidate = SIMD8(repeating: gaps[place])
      let smaller = zero.replacing(with: one, where: gaps .< candidate).wrappedSum()
      let equal = zero.replacing(with: one, where: gaps .== candidate).wrappedSum()
      if smaller <= rank, rank < smaller + equal { return gaps[place] }
    }
    return 0
  }

  private static func bounded(_ interval: Int64) -> Int64 {
    max(shortest, min(longest, interval))
  }

  /// Whether a stored estimator holds nothing that could not have been learned.
  var isPlausible: Bool {
    Self.shortest...Self.longest ~= interval && count <= 8 && next <= 7
  }
}
