// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Platform

struct PatienceTests {
  private func allowance(_ rate: String = "1/y", peers: Int = 1, interval: Int64 = second) throws
    -> Patience.Allowance
  {
    Patience.Allowance(try #require(FalseAlarmRate(rate)), peers: peers, interval: interval)
  }

  /// The number that comes from nothing else.
  private func beats(_ losses: LossRuns, _ allowance: Patience.Allowance) -> Int {
    var (patience, highest) = (Patience(), One(number: 15))
    patience.code(with: &highest)
    patience.review(losses, allowance)
    return Int(patience.beats)
  }

  /// Each so manieth beat is lost, over 400,000 of them.
  private func regular(every distance: UInt32) -> LossRuns {
    var losses = LossRuns()
    for _ in 0..<(400_000 / distance) {
      losses.note(arrived: distance - 2)
      losses.note(missing: 1)
    }
    return losses
  }

  /// By hand: the least K of which peers x beats a year x loss^K is a sixteenth or less, since half of what
  /// is allowed is aimed at and an eighth of that lets the number come down.
  @Test(
    "as many beats must be missing as the closed form says",
    arguments: [
      (1000, [3, 4, 4, 4]), (100, [5, 5, 6, 6]), (20, [7, 8, 9, 9]), (10, [9, 10, 11, 12]),
    ] as [(UInt32, [Int])])
  func closedForm(distance: UInt32, expected: [Int]) throws {
    let losses = regular(every: distance)
    for (peers, expected) in zip([1, 10, 100, 1000], expected) {
      #expect(try beats(losses, allowance(peers: peers)) == expected, "\(peers) peers")
    }
  }

  @Test("a peer of which no loss was seen has five, and three or four after 4096 beats")
  func newcomers() throws {
    for (peers, last) in zip([1, 10, 100, 1000, 60_000], [3, 3, 4, 4, 4]) {
      let allowance = try allowance(peers: peers)
      var (losses, patience) = (LossRuns(), Patience())
      #expect(patience.beats == 5)
      for count in 1...4096 {
        losses.note()
        if losses.isReviewDue { patience.review(losses, allowance) }
        #expect(count == 4096 ? patience.beats == last : patience.beats == 5, "\(count) of \(peers)")
      }
    }
  }

  @Test("the first loss raises it to what so few beats say, and without more of them it comes down again")
  func firstLoss() throws {
    let allowance = try allowance()
    var (losses, patience) = (LossRuns(arrived: 5), Patience())
    patience.review(losses, allowance)
    #expect(patience.beats == 5)
    losses.note(missing: 1)
    patience.review(losses, allowance)
    #expect(patience.beats == 15)
    var last = 15
    for _ in 0..<5000 {
      losses.note()
      guard losses.isReviewDue else { continue }
      patience.review(losses, allowance)
      #expect(patience.beats <= last)
      last = Int(patience.beats)
    }
    #expect(last == 3)
    // It is no newcomer again when the loss is forgotten.
    #expect(losses.isLossSeen && losses.lossRate == 0)
  }

  @Test("late is three missed beats, and one less than silent where that is three", arguments: [3, 4, 15])
  func late(number: Int) {
    var patience = Patience()
    var coder = One(number: UInt8(number))
    patience.code(with: &coder)
    let late = patience.lateAfter(interval: second, jitter: 20 * millisecond)
    #expect(late == min(3, Int64(number) - 1) * second + 200 * millisecond)
    #expect(late < patience.silentAfter(interval: second, jitter: 20 * millisecond))
  }

  @Test("where 0.1 % is lost it is four or less after 4096 beats, in a group of a thousand after 12,000")
  func newcomersWithLoss() throws {
    var losses = LossRuns()
    for count in 1...12 {
      losses.note(arrived: 998)
      losses.note(missing: 1)
      guard count >= 5 else { continue }
      for peers in [1, 10, 100] { #expect(try beats(losses, allowance(peers: peers)) <= 4) }
    }
    #expect(try beats(losses, allowance(peers: 1000)) == 4)
  }

  @Test("more that is allowed and fewer peers never make the number higher", arguments: 1...10)
  func monotony(seed: UInt64) throws {
    var random = SeededRandom(testSeed: seed)
    var sender = LossyBeats(
      loss: (Double(random.below(100)) / 1000, 0.6), change: (Double(random.below(10)) / 1000, 0.3))
    var losses = LossRuns()
    sender.play(5000 + random.below(20_000), to: &losses, &random)
    var numbers: [Int] = []
    for rate in ["0.001/y", "0.1/y", "1/y", "10/y", "1/d", "1/h", "100/h"] {
      numbers.append(try beats(losses, allowance(rate)))
    }
    #expect(numbers == numbers.sorted(by: >) && Set(numbers).count > 1)
    let groups = try [1, 10, 100, 1000].map { beats(losses, try allowance("10/d", peers: $0)) }
    #expect(groups == groups.sorted())
  }

  @Test("an even share of the group's rate, whatever the paces of the others")
  func share() throws {
    let slow = try allowance("12/y", peers: 4, interval: 60 * second)
    #expect(slow.share == 3 && slow.beats == 525_960)
    let losses = regular(every: 20)
    #expect(try beats(losses, allowance(interval: 60 * second)) < beats(losses, allowance(interval: second)))
    #expect(try allowance(peers: 0) == allowance(peers: 1))
    #expect(try allowance(interval: .min).beats == allowance(interval: 10 * millisecond).beats)
  }

  @Test("it is up at the loss that shows the need, and comes down when bursts were absent for long")
  func upAndDown() throws {
    let allowance = try allowance()
    var patience = Patience()
    var losses = LossRuns(arrived: 100_000)
    patience.review(losses, allowance)
    #expect(patience.beats == 3)
    losses.note(missing: 2)
    patience.review(losses, allowance)
    #expect(patience.beats > 3)
    losses.note(missing: 5)
    patience.review(losses, allowance)
    #expect(patience.beats > 8)
    // A day of bursts, and three without any.
    for _ in 0..<86 {
      losses.note(arrived: 996)
      losses.note(missing: 4)
      patience.review(losses, allowance)
    }
    #expect(patience.beats > 8)
    losses.note(arrived: 10_000)
    patience.review(losses, allowance)
    #expect(patience.beats > 8)
    losses.note(arrived: 249_200)
    patience.review(losses, allowance)
    #expect(patience.beats == 3)
  }

  @Test("it does not change back and forth where the loss does not change", arguments: [0.001, 0.01, 0.05])
  func steadiness(loss: Double) throws {
    var random = SeededRandom(testSeed: UInt64(loss * 1000))
    let allowance = try allowance(peers: 10)
    var (losses, patience, changes) = (LossRuns(), Patience(), 0)
    var beats = LossyBeats(loss: loss)
    beats.play(100_000, to: &losses, &random)
    patience.review(losses, allowance)
    beats.play(200_000, to: &losses, &random) {
      guard $0.isReviewDue else { return }
      let before = patience.beats
      patience.review($0, allowance)
      if patience.beats != before { changes += 1 }
    }
    #expect(changes <= 8)
  }

  @Test("the explanation says why, and whether the highest number is enough")
  func explanation() throws {
    func explained(_ losses: LossRuns, _ allowance: Patience.Allowance) -> Patience.Explanation {
      var patience = Patience()
      patience.review(losses, allowance)
      return patience.explanation(losses, allowance)
    }
    let one = try allowance()
    #expect(explained(LossRuns(arrived: 1000), one).reason == .fewBeats)
    let new = explained(LossRuns(), one)
    #expect(new.reason == .fewBeats && new.beats == 5 && !new.isEnough && new.runs.isEmpty)
    let clean = explained(LossRuns(arrived: 100_000), one)
    #expect(clean.reason == .least && clean.beats == 3 && clean.isEnough && clean.knownBeats == 100_000)
    #expect(clean.lossRate == 0 && clean.longestRun == 0 && clean.share == 1)
    let lossy = explained(regular(every: 100), try allowance(peers: 10))
    #expect(lossy.beats == 5 && lossy.longestRun == 1 && lossy.share == 0.1)
    #expect(abs(lossy.lossRate - 0.01) < 1e-4 && abs(lossy.ratio - 0.01) < 1e-4)
    // 31,557,600 beats a year of which each begins five losses in a row with a chance of 10^-10.
    #expect((0.003...0.0035).contains(lossy.expected) && lossy.isEnough)
    #expect(lossy.runs == [.init(lengths: 1...1, count: 4000)])
    var bursts = LossRuns()
    for length in (0..<400).map({ UInt32($0 % 12 + 1) }) {
      bursts.note(arrived: 500)
      bursts.note(missing: length)
    }
    let bursty = explained(bursts, one)
    #expect(bursty.reason == .bursts && bursty.beats == 15 && !bursty.isEnough && bursty.longestRun == 15)
    #expect(bursty.runs.map(\.lengths) == [1...1, 2...2, 3...3, 4...6, 7...10, 11...15])
    #expect(bursty.runs.map(\.count) == [34, 34, 34, 100, 132, 66])
    var recent = LossRuns(arrived: 400_000)
    for _ in 0..<4 {
      recent.note(arrived: 5)
      recent.note(missing: 1)
    }
    var patience = Patience()
    patience.review(LossRuns(arrived: 400_000), one)
    patience.review(recent, one)
    let warned = patience.explanation(recent, one)
    #expect(warned.reason == .recentLoss && warned.beats > 5)
    recent.note(arrived: 250)
    #expect(patience.explanation(recent, one).reason == .steadiness)
  }

  @Test(
    "the margin is ten times the jitter, 50 ms at least, half an interval at most",
    arguments: [
      (second, 0, 50), (second, 5 * millisecond, 50), (second, 20 * millisecond, 200),
      (second, second, 500), (second, Int64.max, 500), (second, Int64.min, 50),
      (10 * millisecond, 0, 50), (10 * millisecond, second, 50), (Int64.max, Int64.max, 1_800_000),
    ] as [(Int64, Int64, Int64)])
  func margin(interval: Int64, jitter: Int64, expected: Int64) {
    #expect(Patience.margin(interval: interval, jitter: jitter) == expected * millisecond)
  }

  @Test("three missed beats and the margin are 3.05 s at 1 Hz, and no interval makes it overflow")
  func silentAfter() throws {
    var patience = Patience()
    var coder = One(number: 15)
    patience.code(with: &coder)
    #expect(patience.silentAfter(interval: .max, jitter: .max) == 15 * 3600 * second + 1800 * second)
    patience.review(LossRuns(arrived: 100_000), try allowance())
    #expect(patience.silentAfter(interval: second, jitter: 0) == 3050 * millisecond)
  }

  @Test("as many beats are missing as their deadlines had passed", arguments: 1...5)
  func missing(seed: UInt64) throws {
    var random = SeededRandom(testSeed: seed)
    for _ in 0..<200 {
      let interval = Int64(10 + random.below(5000)) * millisecond
      let jitter = Int64(random.below(200)) * millisecond
      let margin = Patience.margin(interval: interval, jitter: jitter)
      func missing(_ gap: Int64) -> UInt32 { Patience.missing(gap: gap, interval: interval, jitter: jitter) }
      for beats: UInt32 in 1...16 {
        let deadline = Int64(beats) * interval + margin
        #expect(missing(deadline - 1) == beats - 1 && missing(deadline) == beats)
      }
      #expect(missing(0) == 0 && missing(.min) == 0 && missing(.max) > 1_000_000)
    }
    #expect(Patience.missing(gap: .max, interval: .min, jitter: .min) == .max)
    // On time, 40 ms late, 60 ms late, one lost, two lost and 40 ms late.
    let gaps = [1000, 1040, 1060, 2000, 3040].map { $0 * millisecond }
    #expect(gaps.map { Patience.missing(gap: $0, interval: second, jitter: 0) } == [0, 0, 1, 1, 2])
  }

  @Test("a stored number that is none is not plausible", arguments: [0, 2, 3, 15, 16, 255] as [UInt8])
  func stored(number: UInt8) {
    var patience = Patience()
    var coder = One(number: number)
    patience.code(with: &coder)
    #expect(patience.isPlausible == (3...15 ~= number))
    #expect(patience.beats == number)
  }
}

/// Puts the same number into all fields.
private struct One: FieldCoder {
  var format: UInt8 { 3 }
  var number: UInt8
  mutating func code<Number: FixedWidthInteger>(_ field: inout Number) { field = Number(number) }
  mutating func code(_ name: inout HostName?) {}
  mutating func refuse() {}
}
