// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

/// Pairs of a sender and a receiver over simulated years: false alarms, and how long a failure takes to be
/// found, for groups of several sizes at once, since what a peer lost does not depend on the group.
///
/// The daemon's own `LossRuns` and `Patience` decide. A peer is called silent in error when a run of losses
/// is as long as the missed beats that hold when it begins.
struct FalseAlarmRun {
  /// What came of one size of the group.
  struct Outcome {
    var allowance: Patience.Allowance
    /// False alarms of peers that were known for three days, and those that were to be expected by the
    /// numbers that held: the same without the chance of single runs.
    var alarms = 0
    var expected = 0.0
    /// The false alarms to be expected in the first three days of all pairs, when bursts are not known yet.
    var expectedAtFirst = 0.0
    /// How often a failure would have met which number of missed beats.
    var numbers = [Int](repeating: 0, count: 16)
    /// How long failures took to be found, in milliseconds.
    var detections: [Int32] = []
    /// How often the highest number was known not to be enough.
    var insufficient = 0
  }

  /// The interval of the sender and the jitter on the way, in nanoseconds.
  static let interval: Int64 = 1_000_000_000
  static let jitter: Int64 = 1_000_000
  /// Beats of a pair until it is known: three days.
  static let firstBeats: UInt64 = 3 * 86_400
  /// To what deadlines are rounded up, in milliseconds.
  private static let wakeUpStep: Int64 = 50
  private static let failuresAYear = 1000.0

  /// What decides, for all sizes.
  private struct Receiver {
    var losses = LossRuns()
    var patiences: [Patience]
    let allowances: [Patience.Allowance]

    init(_ allowances: [Patience.Allowance]) {
      self.allowances = allowances
      patiences = allowances.map { _ in Patience() }
    }

    /// A beat arrives after so many that were lost.
    mutating func hear(missing: UInt32) {
      losses.note(missing: missing)
      review()
    }

    /// So many beats arrive, with the last review that is due among them: none before it would find more.
    mutating func hear(_ count: UInt32) {
      guard let due = losses.beatsToReview(within: count) else { return losses.note(arrived: count) }
      losses.note(arrived: due)
      review()
      losses.note(arrived: count - due)
    }

    private mutating func review() {
      for index in patiences.indices { patiences[index].review(losses, allowances[index]) }
    }
  }

  let channel: LossChannel
  private(set) var outcomes: [Outcome]
  private(set) var beats: UInt64 = 0
  private(set) var beatsAtFirst: UInt64 = 0
  private var receiver: Receiver
  private var random: Random
  /// The chance that a run is so long, by whether the network was bad when it began.
  private let chances: [(good: Double, bad: Double)]

  init(_ channel: LossChannel, _ rate: FalseAlarmRate, groups: [Int], seed: UInt64) {
    self.channel = channel
    random = Random(seed: seed)
    let allowances = groups.map { Patience.Allowance(rate, peers: $0, interval: Self.interval) }
    outcomes = allowances.map { Outcome(allowance: $0) }
    receiver = Receiver(allowances)
    chances = (0...16).map {
      (channel.chance(ofRun: $0, beganBad: false), channel.chance(ofRun: $0, beganBad: true))
    }
  }

  /// One pair, of which nothing is known when it begins.
  ///
  /// - Parameter years: How long.
  mutating func pair(years: Double) {
    receiver = Receiver(receiver.allowances)
    var sequence = LossSequence(channel, seed: random.next())
    let end = UInt64(years * FalseAlarmRate.year)
    var now: UInt64 = 0
    var failure = nextFailure(after: 0)
    var missing: UInt32 = 0
    while now < end {
      let stretch = sequence.next()
      receiver.hear(missing: missing)
      let rest = stretch.arrived - 1
      while failure < now + UInt64(stretch.arrived) {
        find(after: UInt32(clamping: failure - now), lost: 0)
        failure = nextFailure(after: failure)
      }
      receiver.hear(rest)
      while failure < now + UInt64(stretch.arrived) + UInt64(stretch.lost) {
        find(after: 0, lost: Int(failure - now) - Int(stretch.arrived) + 1)
        failure = nextFailure(after: failure)
      }
      judge(stretch, isFirst: now < Self.firstBeats)
      missing = stretch.lost
      now += UInt64(stretch.arrived) + UInt64(stretch.lost)
    }
    beats += now
    beatsAtFirst += min(now, Self.firstBeats)
  }

  private mutating func nextFailure(after beat: UInt64) -> UInt64 {
    beat + 1 + UInt64(random.unit() * 2 * FalseAlarmRate.year / Self.failuresAYear)
  }

  private mutating func judge(_ stretch: LossSequence.Stretch, isFirst: Bool) {
    for index in outcomes.indices {
      let number = Int(receiver.patiences[index].beats)
      let isAlarm = Int(stretch.lost) >= number
      let chance = stretch.beganBad ? chances[number].bad : chances[number].good
      if isFirst {
        outcomes[index].expectedAtFirst += chance
      } else {
        outcomes[index].alarms += isAlarm ? 1 : 0
        outcomes[index].expected += chance
      }
    }
  }

  /// What would have happened if the sender had failed: after so many beats more that arrive, and with so
  /// many lost before it failed. It fails at any time between two beats.
  private mutating func find(after arrived: UInt32, lost: Int) {
    var later = receiver
    later.hear(arrived)
    let phase = Int64(random.below(1000))
    let rounding = Int64(random.below(Int(Self.wakeUpStep)))
    for index in outcomes.indices {
      let patience = later.patiences[index]
      guard lost < Int(patience.beats) else { continue }
      let deadline = patience.silentAfter(interval: Self.interval, jitter: Self.jitter) / 1_000_000
      outcomes[index].numbers[Int(patience.beats)] += 1
      outcomes[index].detections.append(
        Int32(clamping: deadline + rounding - phase - Int64(lost) * Self.interval / 1_000_000))
      if !patience.explanation(later.losses, outcomes[index].allowance).isEnough {
        outcomes[index].insufficient += 1
      }
    }
  }
}
