// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// Estimates the interval at which a peer sends from the gaps between arrivals.
///
/// The gaps are looked at in turns: a turn ends with the first beat that comes three quarters of the expected
/// interval or more after it began, and its longest gap is what counts. So a beat besides the regular ones,
/// and a burst of them, count for nothing: they end no turn, and are not its longest gap.
///
/// The expected interval is the largest lower median of eight turns in a row. It grows by more than a quarter
/// only when all eight were longer, for lost beats double some of them. It never shrinks: a peer that seems
/// faster may be two senders, of which the slower one goes on alone. A peer that fell silent and came back is
/// learned anew. The interval is at least 0.4 of the second longest turn, so that no pause that a peer took
/// twice lately makes it silent.
///
/// Until eight turns are known it is the longest of them, and no less than the assumed interval. A
/// peer that was heard within one turn only may send such bursts many seconds apart: ten times as much is
/// assumed of it.
struct IntervalEstimator: Equatable, Sendable, Codable {
  /// The longest gaps of the last turns in microseconds, `UInt32.max` where there is none.
  private var turns = SIMD8<UInt32>(repeating: .max)
  /// The expected interval, in nanoseconds, `LivenessRule.shortestInterval` to `longestInterval`.
  private(set) var interval: Int64
  /// Since the present turn began, and the longest gap in it, in nanoseconds.
  private var elapsed: Int64 = 0
  private var longestGap: Int64 = 0
  /// The interval without the pauses, in microseconds; 0 until eight turns are known.
  private var held: UInt32 = 0
  private var count: UInt8 = 0
  private var next: UInt8 = 0

  /// Of a peer of which nothing is known.
  init() {
    interval = LivenessRule.assumedInterval * LivenessRule.burstFactor
  }

  /// Of a peer whose interval was known, in nanoseconds: it is the first turn, and the others are learned.
  init(known interval: Int64) {
    self.interval = HeartbeatInterval.clamp(interval)
    turns[0] = UInt32(clamping: self.interval / 1000)
    count = 1
    next = 1
  }

  /// Whether enough turns are known for the interval to be the peer's own.
  var isLearned: Bool { count == 8 }

  /// The usual gap in microseconds: the longest one as long as few are known, and 0 where one is.
  var usualGap: UInt32 {
    guard isLearned else { return count > 1 ? sorted[Int(count) - 1] : 0 }
    // The jitter of the network makes the largest median a little more than the usual one.
    let median = sorted[3]
    return UInt64(median) * 4 >= UInt64(held) * 3 ? min(median, held) : held
  }

  /// The longest gap that counts once something is known, in nanoseconds: ten intervals, and one for jitter.
  private var longestCounted: Int64 { 10 * interval + max(interval, 2 * Patience.leastMargin) }

  /// Learns from the time between two beats.
  ///
  /// - Parameter gap: Nanoseconds between their arrivals, 0 or more.
  mutating func note(gap: Int64) {
    // Two silences of an hour within eight turns do not make the next one take an hour to see.
    let longest = count > 0 ? min(longestCounted, LivenessRule.longestInterval) : LivenessRule.longestInterval
    let gap = max(0, min(gap, longest))
    elapsed = min(elapsed + gap, LivenessRule.longestInterval)
    longestGap = max(longestGap, gap)
    let expected = isLearned ? interval : max(count > 0 ? interval : 0, LivenessRule.assumedInterval)
    guard elapsed >= expected / 4 * 3 else { return }
    turns[Int(next & 7)] = UInt32(clamping: longestGap / 1000)
    next = (next &+ 1) & 7
    count = min(count &+ 1, 8)
    learn()
    elapsed = 0
    longestGap = 0
  }

  private mutating func learn() {
    let known = Int(count)
    let ranked = sorted
    guard isLearned else {
      interval = HeartbeatInterval.clamp(max(Int64(ranked[known - 1]) * 1000, LivenessRule.assumedInterval))
      return
    }
    let median = ranked[3]
    // At first the shortest: one turn of eight without a lost beat is enough.
    if held == 0 { held = ranked[0] }
    if !isMore(median) || isMore(ranked[0]) { held = max(held, median) }
    interval = HeartbeatInterval.clamp(max(Int64(held) * 1000, Int64(ranked[known - 2]) * 400))
  }

  /// Whether a gap is more than five quarters of the interval that holds.
  private func isMore(_ gap: UInt32) -> Bool { UInt64(gap) * 4 > UInt64(held) * 5 }

  /// The turns, the shortest first; places without a turn are longer than all. By Batcher's network of 19
  /// comparisons: this runs for every heartbeat.
  private var sorted: SIMD8<UInt32> {
    var (a, b, c, d) = (turns[0], turns[1], turns[2], turns[3])
    var (e, f, g, h) = (turns[4], turns[5], turns[6], turns[7])
    @inline(__always)
    func order(_ low: inout UInt32, _ high: inout UInt32) { (low, high) = (min(low, high), max(low, high)) }
    order(&a, &b)
    order(&c, &d)
    order(&e, &f)
    order(&g, &h)
    order(&a, &c)
    order(&b, &d)
    order(&e, &g)
    order(&f, &h)
    order(&b, &c)
    order(&f, &g)
    order(&a, &e)
    order(&b, &f)
    order(&c, &g)
    order(&d, &h)
    order(&c, &e)
    order(&d, &f)
    order(&b, &c)
    order(&d, &e)
    order(&f, &g)
    return SIMD8(a, b, c, d, e, f, g, h)
  }

  /// As `PeerLine` has it.
  mutating func code(with coder: inout some FieldCoder) {
    coder.code(&interval)
    for place in 0..<8 { coder.code(&turns[place]) }
    coder.code(&count)
    coder.code(&next)
    coder.code(&elapsed)
    coder.code(&longestGap)
    coder.code(&held)
  }

  /// Whether a stored estimator holds nothing that could not have been learned.
  var isPlausible: Bool {
    let gaps = 0...UInt32(LivenessRule.longestInterval / 1000)
    return LivenessRule.shortestInterval...LivenessRule.longestInterval ~= interval && count <= 8 && next <= 7
      && (0..<8).allSatisfy { place in gaps ~= turns[place] || (turns[place] == .max && place >= Int(count)) }
      && 0...LivenessRule.longestInterval ~= elapsed && 0...LivenessRule.longestInterval ~= longestGap
      && gaps ~= held
  }
}
