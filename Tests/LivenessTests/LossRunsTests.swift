// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Platform

/// Losses by the model of Gilbert and Elliott, beat by beat.
struct LossyBeats {
  /// The chance of a loss in the good and in the bad state, and of a change to the bad and to the good one.
  var loss: (good: Double, bad: Double)
  var change: (worse: Double, better: Double) = (0, 1)
  var isBad = false

  init(loss: Double) { self.loss = (loss, loss) }

  init(loss: (good: Double, bad: Double), change: (worse: Double, better: Double)) {
    (self.loss, self.change) = (loss, change)
  }

  /// Feeds so many beats, and calls a function after each that arrives.
  mutating func play(
    _ beats: Int, to losses: inout LossRuns, _ random: inout SeededRandom, each: (LossRuns) -> Void = { _ in }
  ) {
    var missing: UInt32 = 0
    for _ in 0..<beats {
      if random.chance(isBad ? change.better : change.worse) { isBad.toggle() }
      if random.chance(isBad ? loss.bad : loss.good) {
        missing += 1
      } else {
        losses.note(missing: missing)
        missing = 0
        each(losses)
      }
    }
  }

  /// Runs of so many losses or more, as a share of all beats.
  func rate(ofRuns length: Int) -> Double {
    let badness = change.worse / (change.worse + change.better)
    var (good, bad) = ((1 - badness) * (1 - loss.good), badness * (1 - loss.bad))
    for _ in 0..<length {
      let worse = good * change.worse + bad * (1 - change.better)
      (good, bad) = ((good + bad - worse) * loss.good, worse * loss.bad)
    }
    return good + bad
  }
}

extension LossRuns {
  /// So many beats in a row that arrived.
  init(arrived: UInt32) {
    self.init()
    note(arrived: arrived)
  }

  /// The worst of all tails.
  func rate(ofRuns length: Int) -> Double {
    var worst = 0.0
    forEachTail { worst = max(worst, $0.rate(ofRuns: length)) }
    return worst
  }
}

/// Puts random numbers into all fields, the least and the greatest of their types among them.
struct RandomFields: FieldCoder {
  var format: UInt8 { 3 }
  var random: SeededRandom

  mutating func code<Number: FixedWidthInteger>(_ number: inout Number) {
    number = [.min, .max, 0, Number(truncatingIfNeeded: random.next())][random.below(4)]
  }

  mutating func code(_ name: inout HostName?) {}
  mutating func refuse() {}
}

struct LossRunsTests {
  @Test("what is known of a peer's losses takes 32 bytes")
  func size() { #expect(MemoryLayout<LossRuns>.stride == 32) }

  @Test("so many beats at once are the same as one after the other", arguments: 1...5)
  func atOnce(seed: UInt64) {
    var random = SeededRandom(testSeed: seed)
    var (single, atOnce) = (LossRuns(), LossRuns())
    for _ in 0..<300 {
      let missing = UInt32(random.below(random.chance(0.2) ? 20 : 3))
      let count = random.below(random.chance(0.1) ? 20_000 : 200)
      single.note(missing: missing)
      for _ in 0..<count { single.note() }
      atOnce.note(missing: missing)
      atOnce.note(arrived: UInt32(count))
      #expect(single == atOnce)
    }
  }

  @Test("the last review that is due among beats that arrive finds what all of them would", arguments: 1...5)
  func reviews(seed: UInt64) {
    var random = SeededRandom(testSeed: seed)
    let allowance = Patience.Allowance(.standard, peers: 10, interval: second)
    var (single, jumping) = (LossRuns(), LossRuns())
    var (stepwise, atLast) = (Patience(), Patience())
    for round in 0..<400 {
      // Good and bad times.
      let distance = [20, 300, 3000][round / 50 % 3]
      let missing = UInt32(random.below(random.chance(0.1) ? 9 : 2))
      let count = random.below(random.chance(0.01) ? 60_000 : distance)
      single.note(missing: missing)
      if single.isReviewDue { stepwise.review(single, allowance) }
      for _ in 0..<count {
        single.note()
        if single.isReviewDue { stepwise.review(single, allowance) }
      }
      jumping.note(missing: missing)
      if jumping.isReviewDue { atLast.review(jumping, allowance) }
      if let due = jumping.beatsToReview(within: UInt32(count)) {
        jumping.note(arrived: due)
        #expect(jumping.isReviewDue)
        atLast.review(jumping, allowance)
        jumping.note(arrived: UInt32(count) - due)
      } else {
        jumping.note(arrived: UInt32(count))
      }
      #expect(single == jumping && stepwise == atLast)
    }
  }

  @Test("of independent losses runs are as frequent as the powers of the loss", arguments: [0.01, 0.05, 0.1])
  func independent(loss: Double) {
    var random = SeededRandom(testSeed: UInt64(loss * 1000))
    var beats = LossyBeats(loss: loss)
    var losses = LossRuns()
    beats.play(200_000, to: &losses, &random)
    #expect(abs(losses.lossRate / loss - 1) < 0.1)
    for length in 1...6 {
      let ratio = losses.rate(ofRuns: length) / (beats.rate(ofRuns: length) / (1 - loss))
      #expect((0.5...2).contains(ratio), "\(length): \(ratio)")
    }
  }

  @Test(
    "of bursts the tail is that of the two states' matrix, or more",
    arguments: [
      LossyBeats(loss: (0.001, 0.5), change: (0.002, 0.5)),
      LossyBeats(loss: (0.01, 0.5), change: (0.001, 0.3)),
      LossyBeats(loss: (0, 0.9), change: (0.001, 0.4)),
    ])
  func bursts(beats: LossyBeats) {
    var random = SeededRandom(testSeed: 3)
    var (losses, beats) = (LossRuns(), beats)
    beats.play(400_000, to: &losses, &random)
    for length in 2...8 {
      let ratio = losses.rate(ofRuns: length) / beats.rate(ofRuns: length)
      #expect((0.6...12).contains(ratio), "\(length): \(ratio)")
    }
  }

  @Test("a run that was survived says at once that such runs occur")
  func survived() {
    var losses = LossRuns(arrived: 100_000)
    losses.note(missing: 6)
    #expect(losses.longestKnownRun == 6)
    for length in 1...6 {
      #expect(losses.rate(ofRuns: length) * 100_000 > 0.05)
    }
    #expect(LossRuns(arrived: 100_000).rate(ofRuns: 3) < 1e-12)
  }

  @Test("more than fifteen missing beats are an outage, and no loss", arguments: [16, 1000, UInt32.max])
  func outage(missing: UInt32) {
    var losses = LossRuns(arrived: 1000)
    losses.note(missing: missing)
    #expect(losses == LossRuns(arrived: 1001))
    losses.note(missing: 15)
    #expect(losses.longestKnownRun == 15)
  }

  @Test("what a network lost yesterday is forgotten after six times the longest stretch without a loss")
  func forgetting() {
    var random = SeededRandom(testSeed: 4)
    var beats = LossyBeats(loss: 0.1)
    var losses = LossRuns()
    beats.play(86_400, to: &losses, &random)
    losses.note(missing: 1)
    losses.note(arrived: 300)
    #expect(losses.lossRate > 0.09)
    losses.note(arrived: 700)
    #expect(losses.lossRate == 0 && losses.knownBeats == 1001)
    // And does not come back with the next loss.
    losses.note(missing: 1)
    #expect(losses.lossRate == 1.0 / 1003)
    // A run among the first beats of all is no short stretch.
    losses = LossRuns()
    losses.note(missing: 5)
    losses.note(arrived: 300)
    #expect(losses.longestKnownRun == 6)
    losses.note(arrived: 100)
    #expect(losses.longestKnownRun == 0)
  }

  @Test("bursts are forgotten after six times their longest distance, while single losses go on")
  func forgettingBursts() {
    var losses = LossRuns()
    for _ in 0..<86 {
      losses.note(arrived: 996)
      losses.note(missing: 4)
    }
    for round in 0..<30 {
      losses.note(arrived: 998)
      losses.note(missing: 1)
      // A burst each thousand beats, and each round as many without one.
      #expect(losses.longestKnownRun == (round < 6 ? 4 : 1), "\(round)")
    }
  }

  @Test("a loss weighs half after as many beats as are remembered, and is forgotten in the end")
  func fading() {
    var losses = LossRuns(arrived: 100_000)
    losses.note(missing: 5)
    var seen: [Int] = []
    // Single losses so rare that each is expected.
    for _ in 0..<60 {
      losses.note(arrived: 100_000)
      losses.note(missing: 1)
      if seen.last != losses.longestKnownRun { seen.append(losses.longestKnownRun) }
    }
    #expect(seen.first == 6 && seen.last == 1)
    #expect(losses.knownBeats <= 1 << 19)
  }

  @Test("when a clean network loses a tenth, the old loss is left behind within the hour", arguments: 1...5)
  func worse(seed: UInt64) {
    var random = SeededRandom(testSeed: seed)
    var beats = LossyBeats(loss: 0.1)
    var losses = LossRuns(arrived: 500_000)
    beats.play(3600, to: &losses, &random)
    #expect(losses.lossRate > 0.02)
    // What is recent raised the rate of runs before that.
    losses = LossRuns(arrived: 500_000)
    beats.play(60, to: &losses, &random)
    #expect(losses.rate(ofRuns: 3) > 1e-5)
  }

  @Test("no stretch is remembered that is longer than what is")
  func longStretch() {
    var losses = LossRuns(arrived: 1 << 24)
    losses.note(missing: 1)
    losses.note(arrived: 1 << 20)
    #expect(losses.lossRate > 0)
    losses.note(arrived: 1 << 20)
    #expect(losses.lossRate == 0)
  }

  @Test("losses of each fifth beat halve what is known at the 24th, and with each twelve more")
  func surprise() {
    var losses = LossRuns(arrived: 500_000)
    var halvings: [Int] = []
    for count in 1...50 {
      let before = losses.knownBeats
      losses.note(missing: 1)
      if losses.knownBeats < before { halvings.append(count) }
      losses.note(arrived: 4)
    }
    #expect(halvings == [24, 36, 48])
  }

  @Test("no number that is fed or stored makes a trap, a count that wraps or one that is not plausible")
  func hostile() {
    var random = SeededRandom(testSeed: 5)
    var fields = RandomFields(random: SeededRandom(testSeed: 6))
    for round in 0..<500 {
      var losses = LossRuns()
      let isStored = round % 3 > 0
      if isStored { losses.code(with: &fields) }
      let wasPlausible = losses.isPlausible
      var patience = Patience()
      let allowance = Patience.Allowance(.standard, peers: random.below(2000), interval: .max)
      for _ in 0..<50 {
        switch random.below(4) {
        case 0: losses.note(arrived: [.max, UInt32(truncatingIfNeeded: random.next()), 64][random.below(3)])
        case 1: losses.note(missing: [.max, 15, 16, UInt32(random.below(1 << 16))][random.below(4)])
        default: losses.note(missing: UInt32(random.below(16)))
        }
        patience.review(losses, allowance)
        let explanation = patience.explanation(losses, allowance)
        #expect(Patience.range ~= explanation.beats && 0...15 ~= explanation.longestRun)
        #expect(explanation.expected.isFinite && losses.beatsToReview(within: .max) ?? 1 > 0)
        if !isStored || wasPlausible {
          #expect(losses.isPlausible)
          #expect(0...1 ~= losses.lossRate)
        }
      }
    }
    var full = LossRuns(arrived: .max - 1)
    full.note(arrived: 2)
    #expect(full.knownBeats == UInt64(UInt32.max))
    var always = LossRuns()
    for _ in 0..<20_000 { always.note(missing: 15) }
    #expect(always.isPlausible && abs(always.lossRate - 15.0 / 16) < 0.01)
  }

  @Test("what is written is read, and what could not have been counted is not plausible")
  func storing() {
    var random = SeededRandom(testSeed: 7)
    var beats = LossyBeats(loss: (0.01, 0.5), change: (0.01, 0.3))
    var losses = LossRuns()
    beats.play(10_000, to: &losses, &random)
    var writer = FieldWriter(format: 3)
    losses.code(with: &writer)
    var read = LossRuns()
    writer.bytes.withUnsafeBytes { bytes in
      var reader = FieldReader(bytes)
      read.code(with: &reader)
      #expect(reader.isComplete)
    }
    #expect(read == losses && read.isPlausible)
    var fields = RandomFields(random: SeededRandom(seed: 8))
    #expect(
      (0..<100).allSatisfy { _ in
        read.code(with: &fields)
        return !read.isPlausible
      })
  }

  @Test(
    "stored counts that could not have been counted are not plausible",
    arguments: [
      ("100 9 8 3 4 0 0 0 0 0 0 0 4 22 9 9 ", true), ("100 9 8 7 4 0 0 0 0 0 0 0 4 22 9 9 ", false),
      ("100 9 404 3 4 0 0 0 0 0 0 0 4 22 9 9 ", false), ("100 9 8 3 12 0 0 0 0 0 0 0 4 22 9 9 ", false),
      ("100 9 8 3 4 0 0 0 0 0 1 0 4 22 9 9 ", false), ("600000 9 8 3 4 0 0 0 0 0 0 0 4 22 9 9 ", false),
    ])
  func plausible(fields: String, isPlausible: Bool) {
    var losses = LossRuns()
    Array("3 \(fields)".utf8).withUnsafeBytes { bytes in
      var reader = FieldReader(bytes)
      losses.code(with: &reader)
      #expect(reader.isComplete)
    }
    #expect(losses.isPlausible == isPlausible)
  }

  @Test("a tail begins at its length, and is the mean of all chances that would explain the counts")
  func tail() {
    let tail = LossTail(.loss, lost: 0, of: 100)
    // 1/2 x 3/2 / (101 x 102)
    #expect(abs(tail.rate(ofRuns: 2) - 0.75 / 10_302) < 1e-12)
    let later = LossTail(cause: .bursts, from: 4, rate: 0.001, continued: 1, trials: 4)
    #expect(later.rate(ofRuns: 3) == 0.001 && later.rate(ofRuns: 4) == 0.001)
    #expect(abs(later.rate(ofRuns: 6) - 0.001 * 2 / 20) < 1e-15 && later.ratio == 0.25)
    for tail in [tail, later] {
      for length in 1...16 {
        let (now, less) = tail.rates(ofRuns: length)
        #expect(abs(now - tail.rate(ofRuns: length)) <= now * 1e-12 && less == tail.rate(ofRuns: length - 1))
      }
      for limit in [1e-2, 1e-4, 1e-6] {
        let length = tail.length(in: 3...15, limit: limit)
        #expect(tail.rate(ofRuns: length) <= limit || length == 15)
        #expect(length == 3 || tail.rate(ofRuns: length - 1) > limit)
      }
    }
  }

  @Test("a count is more than was expected where chance makes it so less often than once in a hundred")
  func significance() {
    // Poisson: P(X >= 1 | 0.005) = 0.005, P(X >= 1 | 0.05) = 0.05, P(X >= 2 | 0.05) = 0.001,
    // P(X >= 25 | 13) = 0.002, P(X >= 18 | 13) = 0.11.
    for (count, expected, isMore) in [
      (1, 0.005, true), (1, 0.05, false), (2, 0.05, true), (25, 13, true), (18, 13, false), (0, 0.1, false),
    ] as [(Double, Double, Bool)] {
      #expect(Significance.possible.isMore(count, than: expected) == isMore, "\(count) of \(expected)")
    }
    #expect(!Significance.likely.isMore(2, than: 0.05) && Significance.likely.isMore(3, than: 0.05))
  }
}
