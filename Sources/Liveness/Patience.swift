// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// How many beats in a row must be missing before a peer is called silent, from what it lost: so many that
/// the loss of the network makes a whole group silent in error no more often than is allowed.
///
/// The number goes up at once, and comes down when fewer would be enough for an eighth of the rate at which
/// it goes up, so that it does not change back and forth: what is known of rare bursts varies by chance.
///
/// A peer of which no loss was seen yet has five at most, although so little is known of it that more would
/// be needed: a failure of a new peer is not to take 15 s to be found. With one false alarm a year it has
/// three or four after `newcomerBeats` without a loss. Where 0.1 % is lost that takes a group of a thousand
/// 12,000 beats.
package struct Patience: Equatable, Sendable {
  /// What it can be, in beats. Fewer than three are lost together in any network; more than fifteen would be
  /// of no use.
  package static let range = 3...15
  /// The number of a peer of which no loss was seen yet, in beats; and the least one for any that is new, and
  /// for how many beats it is that: bursts show themselves after some time only.
  static let ofNewcomers = 5
  static let newcomerBeats: UInt64 = 4096
  /// The most beats that are missing when a peer is late. Not reported: one or two are lost in any network.
  private static let lateBeats: Int64 = 3
  /// How many times less the rate must be for the number to come down than it may be before it goes up.
  static let steadiness = 8.0

  /// Beats in a row that are missing when the peer is silent, in `range`.
  package private(set) var beats = UInt8(Patience.ofNewcomers)

  /// Of a peer of which nothing is known.
  package init() {}

  /// Finds the number anew.
  ///
  /// - Parameters:
  ///   - losses: What the peer lost.
  ///   - allowance: What the peer may be called silent in error.
  package mutating func review(_ losses: LossRuns, _ allowance: Allowance) {
    let (now, less) = Self.rates(losses, beats)
    if now > allowance.target {
      let least = Self.least(losses, limit: allowance.target).beats
      beats = max(beats, losses.isLossSeen ? least : min(least, UInt8(Self.ofNewcomers)))
    } else if less <= allowance.target / Self.steadiness {
      beats = min(beats, Self.least(losses, limit: allowance.target / Self.steadiness).beats)
    }
  }

  /// False alarms a beat with so many missed beats, and with one less.
  private static func rates(_ losses: LossRuns, _ beats: UInt8) -> (now: Double, less: Double) {
    var rates = (now: 0.0, less: 0.0)
    losses.forEachTail { tail in
      let (now, less) = tail.rates(ofRuns: Int(beats))
      rates = (max(rates.now, now), max(rates.less, less))
    }
    return rates
  }

  /// The fewest beats that are enough, and why not fewer.
  private static func least(_ losses: LossRuns, limit: Double) -> (beats: UInt8, decisive: LossTail?) {
    var beats = losses.knownBeats < newcomerBeats ? ofNewcomers : range.lowerBound
    var decisive: LossTail?
    losses.forEachTail { tail in
      let length = tail.length(in: range, limit: limit)
      if length > beats { (beats, decisive) = (length, tail) }
    }
    return (UInt8(clamping: beats), decisive)
  }

  // MARK: - Deadline

  /// The least margin for jitter: 50 ms, that of a busy scheduler, in nanoseconds.
  static let leastMargin: Int64 = 50_000_000
  /// How many times the mean difference of two delays a beat may be late. Where delays are exponential one in
  /// 44,000 is later.
  static let jitters: Int64 = 10

  /// How much later than expected a beat may arrive, in nanoseconds: ten times the jitter, but 50 ms or more
  /// and no more than half an interval, unless that is less than 50 ms.
  ///
  /// It matters only for the last of the beats that may be missing: the others have a whole interval more,
  /// and beats that come later than this with chance q make false alarms q / p times more frequent, where p
  /// is the loss. Half an interval, whatever the jitter, would make each failure be found so much later.
  ///
  /// - Parameters:
  ///   - interval: Nanoseconds; clamped to what can be configured.
  ///   - jitter: Of the arrivals, in nanoseconds (`ArrivalJitter`): the mean difference of two delays in
  ///     a row.
  package static func margin(interval: Int64, jitter: Int64) -> Int64 {
    let longest = max(HeartbeatInterval.clamp(interval) / 2, leastMargin)
    return max(leastMargin, min(max(0, jitter), longest / jitters) * jitters)
  }

  /// How long after its last beat a peer is silent, in nanoseconds: the missed beats and the margin. At 1 Hz
  /// and three beats 3.05 s, where there is next to no jitter.
  ///
  /// - Parameters:
  ///   - interval: Nanoseconds; clamped to what can be configured.
  ///   - jitter: Of the arrivals, in nanoseconds (`ArrivalJitter`).
  @inline(__always)
  package func silentAfter(interval: Int64, jitter: Int64) -> Int64 {
    Int64(beats) * HeartbeatInterval.clamp(interval) + Self.margin(interval: interval, jitter: jitter)
  }

  /// How long after its last beat a peer is late, in nanoseconds: three missed beats and the margin, or one
  /// beat before it is silent.
  ///
  /// - Parameters:
  ///   - interval: Nanoseconds; clamped to what can be configured.
  ///   - jitter: Of the arrivals, in nanoseconds (`ArrivalJitter`).
  @inline(__always)
  package func lateAfter(interval: Int64, jitter: Int64) -> Int64 {
    min(Self.lateBeats, Int64(beats) - 1) * HeartbeatInterval.clamp(interval)
      + Self.margin(interval: interval, jitter: jitter)
  }

  /// How many beats were missing before one that arrived: of how many missed beats the deadline had passed.
  /// That is for `LossRuns`, which has to know of beats that came too late as well as of lost ones.
  ///
  /// - Parameters:
  ///   - gap: Nanoseconds since the beat before, without those in which nothing could be received.
  ///   - interval: Nanoseconds; clamped to what can be configured.
  ///   - jitter: Of the arrivals, in nanoseconds (`ArrivalJitter`).
  package static func missing(gap: Int64, interval: Int64, jitter: Int64) -> UInt32 {
    let (interval, margin) = (HeartbeatInterval.clamp(interval), margin(interval: interval, jitter: jitter))
    // No division for nearly all beats.
    guard gap >= interval + margin else { return 0 }
    return UInt32(clamping: (gap - margin) / interval)
  }

  // MARK: - Storing

  /// As `PeerLine` has it.
  mutating func code(with coder: inout some FieldCoder) { coder.code(&beats) }

  /// Whether a stored number can be one.
  var isPlausible: Bool { Self.range ~= Int(beats) }
}

extension Patience {
  /// How often one peer may be called silent in error.
  ///
  /// The group's rate is divided evenly. By beats a host that sends a hundred times a second would take
  /// nearly all of it, and one that sends once a minute, of which each beat more costs a minute, would need
  /// as many as that host; and each change of a pace would change all other peers.
  package struct Allowance: Equatable, Sendable {
    /// False alarms a year of this peer.
    package let share: Double
    /// Beats a year.
    package let beats: Double

    /// - Parameters:
    ///   - group: The rate for the whole group.
    ///   - peers: How many peers share it; 1 where less.
    ///   - interval: This peer's, in nanoseconds; clamped to what can be configured.
    package init(_ group: FalseAlarmRate, peers: Int, interval: Int64) {
      self.init(share: group.perYear / Double(max(1, peers)), interval: interval)
    }

    /// The same from the share itself.
    init(share: Double, interval: Int64) {
      self.share = share
      beats = FalseAlarmRate.year / (Double(HeartbeatInterval.clamp(interval)) / 1e9)
    }

    /// False alarms a beat that are aimed at: half of what is allowed, for the loss is not known exactly, and
    /// a beat that is late counts as well.
    var target: Double { share / beats / 2 }
  }

  /// How a number of missed beats came about.
  package struct Explanation: Equatable, Sendable {
    /// Why it is not less.
    package enum Reason: String, CaseIterable, Sendable {
      /// It is the least that there is.
      case least
      /// Too few beats are known for less.
      case fewBeats = "few-beats"
      /// As many losses as there are.
      case loss
      /// More losses just now than before.
      case recentLoss = "recent-loss"
      /// Losses come in runs.
      case bursts
      /// Fewer would be enough, but not by much.
      case steadiness
    }

    /// Runs of losses of some length, in beats.
    package struct Runs: Equatable, Sendable {
      package var lengths: ClosedRange<Int>
      package var count: Int
    }

    /// Beats in a row that are missing when the peer is silent.
    package var beats: Int
    /// Why it is not less.
    package var reason: Reason
    /// The share of beats that are lost, 0 to 1, over `knownBeats`.
    package var lossRate: Double
    /// Beats over which losses are known; those of long ago count in part.
    package var knownBeats: UInt64
    /// The longest run of losses that is remembered, in beats; 0 for none.
    package var longestRun: Int
    /// How many runs of losses are remembered, by the lengths that are told apart.
    package var runs: [Runs]
    /// The chance that a run of losses goes on for another beat, by the tail that matters most, 0 to 1.
    package var ratio: Double
    /// False alarms a year that are expected of this peer.
    package var expected: Double
    /// False alarms a year that are allowed for this peer.
    package var share: Double

    /// Whether the highest number keeps what is allowed.
    package var isEnough: Bool { expected <= share }
  }

  /// How the number came about.
  ///
  /// - Parameters:
  ///   - losses: What the peer lost.
  ///   - allowance: What the peer may be called silent in error.
  package func explanation(_ losses: LossRuns, _ allowance: Allowance) -> Explanation {
    let (least, decisive) = Self.least(losses, limit: allowance.target)
    var worst = LossTail(cause: .loss, from: 0, rate: 0, continued: 0, trials: 1)
    losses.forEachTail { tail in
      if tail.rate(ofRuns: Int(beats)) > worst.rate(ofRuns: Int(beats)) { worst = tail }
    }
    let reason: Explanation.Reason =
      switch decisive?.cause {
      case _ where least < beats: .steadiness
      case .loss where losses.lossRate == 0: .fewBeats
      case .loss: .loss
      case .recentLoss: .recentLoss
      case .bursts: .bursts
      case nil: losses.knownBeats < Self.newcomerBeats ? .fewBeats : .least
      }
    return Explanation(
      beats: Int(beats), reason: reason, lossRate: losses.lossRate, knownBeats: losses.knownBeats,
      longestRun: losses.longestKnownRun, runs: losses.runCounts, ratio: (decisive ?? worst).ratio,
      expected: worst.rate(ofRuns: Int(beats)) * allowance.beats, share: allowance.share)
  }
}
