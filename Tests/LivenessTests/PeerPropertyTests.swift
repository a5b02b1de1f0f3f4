// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness

/// The rule of `IntervalEstimator` again, as plainly as it can be said, and what `Tolerance` makes of the
/// beats. How many may be missing is asked of `Patience`, which has tests of its own.
private struct PlainRule {
  /// The longest gap of each turn, and the gaps of the present one.
  var turns: [Int64] = []
  var turn: [Int64] = []
  var held: Int64 = 0
  var interval: Int64 = 10 * second
  var losses = LossRuns()
  var patience = Patience()
  /// In sixteenths of a microsecond.
  var jitter: Int64 = 0

  var margin: Int64 { max(50 * millisecond, min(jitter / 16 * 10_000, interval / 2)) }
  var silentAfter: Int64 { Int64(patience.beats) * interval + margin }

  /// Learned anew, but for what is lost.
  mutating func begin() { (turns, turn, held, interval) = ([], [], 0, 10 * second) }

  /// What was lost before a beat.
  mutating func noteLoss(_ gap: Int64) {
    guard turns.count == 8 else { return }
    let missing = gap < interval + margin ? 0 : (gap - margin) / interval
    losses.note(missing: UInt32(missing))
    if missing <= 15, gap >= interval * 3 / 4 {
      let rest = gap % interval
      jitter += min(rest, interval - rest) / 1000 - (jitter + 8) / 16
    }
    guard losses.isReviewDue else { return }
    patience.review(losses, Patience.Allowance(.standard, peers: 1, interval: interval))
  }

  mutating func note(_ measured: Int64) {
    let gap = turns.isEmpty ? measured : min(measured, 10 * interval + max(interval, 100 * millisecond))
    turn.append(gap)
    let expected = turns.count == 8 ? interval : max(second, turns.isEmpty ? 0 : interval)
    guard turn.reduce(0, +) >= expected / 4 * 3 else { return }
    let longest = (turn.max() ?? 0) / 1000 * 1000
    turn = []
    turns = (turns + [longest]).suffix(8)
    let sorted = turns.sorted()
    guard turns.count == 8 else {
      interval = max(second, sorted[turns.count - 1])
      return
    }
    if held == 0 { held = sorted[0] }
    if sorted[3] * 4 <= held * 5 || sorted[0] * 4 > held * 5 { held = max(held, sorted[3]) }
    interval = min(max(held, sorted[6] * 2 / 5, 10 * millisecond), 3600 * second)
  }
}

@Suite("Peers in simulated time")
struct PeerPropertyTests {
  @Test("verdicts are what the rule says, whatever is lost", arguments: [0.01, 0.2, 0.5, 0.8])
  func verdicts(loss: Double) {
    var random = SeededRandom(testSeed: UInt64(loss * 1000))
    // Nobody loses a beat of this one, so that the network is never to blame.
    let witness = SimulatedSender(id: 0, interval: 100 * millisecond)
    let end = 600 * second
    var beats = witness.beats(0..<6000)
    var expected: [String] = []
    for id in 1...20 {
      let interval = [100, 250, 1000, 3000][random.below(4)] * millisecond
      let sender = SimulatedSender(id: id, interval: interval, phase: Int64(random.below(1000)) * millisecond)
      let numbers = (0..<Int((end - sender.phase) / interval)).filter { _ in !random.chance(loss) }
      let heard = numbers.map { sender.beat($0, delay: Int64(random.below(2_000_000))) }
      beats += heard.map { (id, $0) }
      var rule = PlainRule()
      var isSilent = false
      var returning = 0
      for (number, beat) in heard.enumerated() {
        let gap = number > 0 ? beat.arrival - heard[number - 1].arrival : 0
        if number == 1 {
          // The first beat is kept to 100 µs.
          rule.note((beat.arrival / 100_000 - heard[0].arrival / 100_000) * 100_000)
        } else if number > 1 {
          if !isSilent, gap >= rule.silentAfter {
            isSilent = true
            returning = 0
            expected.append("\(id) silent \(heard[number - 1].arrival)")
          }
          if !isSilent { rule.noteLoss(gap) }
          if isSilent {
            returning += 1
            if returning == 2 {
              isSilent = false
              expected.append("\(id) back \(beat.arrival)")
              rule.begin()
            }
          }
          rule.note(gap)
        }
      }
      if let last = heard.last, !isSilent, last.arrival + rule.silentAfter <= end {
        expected.append("\(id) silent \(last.arrival)")
      }
    }
    var playback = Playback()
    playback.play(beats, until: end)
    let found = playback.log.compactMap { entry -> String? in
      switch entry.event {
      case .silent(let report):
        #expect(
          entry.time - report.lastHeard <= 15 * report.interval + max(report.interval / 2, 50 * millisecond)
            + 50 * millisecond)
        return "\(report.id) silent \(report.lastHeard)"
      case .back(let report):
        return "\(report.id) back \(report.lastHeard)"
      default: return nil
      }
    }
    #expect(found.sorted() == expected.sorted())
    // With fifteen missed beats a loss of a fifth is no reason to call anybody silent.
    if loss <= 0.2 { #expect(found.count { $0.contains("silent") } <= 1) }
    if loss >= 0.5 { #expect(!found.isEmpty) }
    playback.checkCounts()
  }

  @Test("no order of beats, gaps, clock steps and restarts makes an illegal transition", arguments: 1...20)
  func chaos(seed: Int) {
    var random = SeededRandom(testSeed: UInt64(seed))
    var playback = Playback(capacity: 16)
    var beats: [(id: Int, beat: HeartbeatArrival)] = []
    for id in 0..<24 {
      var time = Int64(random.below(5000)) * millisecond
      var sender = SimulatedSender(id: id, interval: [20, 100, 1000, 5000][random.below(4)] * millisecond)
      for _ in 0..<400 {
        time += sender.interval
        if random.chance(0.05) { time += Int64(random.below(20)) * sender.interval }
        if random.chance(0.02) { time += Int64(random.below(100_000)) * millisecond }
        if random.chance(0.05) { sender.clock += Int64(random.below(8_000_000_000)) - 4_000_000_000 }
        if random.chance(0.1) { sender.port = UInt16(40_000 + random.below(3)) }
        if random.chance(0.3) { continue }
        let beat = sender.beat(sentAt: time, delay: Int64(random.below(Int(2 * sender.interval))))
        for _ in 0...(random.chance(0.1) ? 2 : 0) { beats.append((id, beat)) }
      }
    }
    let end = beats.map(\.beat.arrival).max() ?? 0
    playback.play(beats, until: end + 2 * 86_400 * second)
    playback.checkCounts()
    #expect(playback.log.count > 100)
    #expect(playback.table.counts.total == 0 || playback.table.isNetworkSilent)
  }

  @Test("a wrong clock, a clock step or a zone change never changes a verdict", arguments: 1...10)
  func clocks(seed: Int) {
    var random = SeededRandom(testSeed: UInt64(seed))
    var plain: [(id: Int, beat: HeartbeatArrival)] = []
    var stepped: [(id: Int, beat: HeartbeatArrival)] = []
    for id in 0..<5 {
      let sender = SimulatedSender(id: id, interval: 500 * millisecond, phase: Int64(id) * 70 * millisecond)
      var step: Int64 = 0
      for number in 0..<1000 {
        if random.chance(0.01) { step = Int64(random.below(7_200_000_000)) - 3_600_000_000 }
        if random.chance(0.4) { continue }
        let delay = Int64(random.below(3_000_000))
        plain.append((id, sender.beat(number, delay: delay)))
        stepped.append((id, sender.beat(number, delay: delay, clockStep: step)))
      }
    }
    var first = Playback()
    first.play(plain, until: 600 * second)
    var other = Playback()
    other.play(stepped, until: 600 * second)
    #expect(first.log.count > 10)
    #expect(first.log.map(\.time) == other.log.map(\.time))
    #expect(first.silent.map(\.id) == other.silent.map(\.id))
    #expect(first.back.map(\.id) == other.back.map(\.id))
  }

  @Test("a sender whose clock stands still stays alive")
  func frozenClock() {
    var playback = Playback()
    let sender = SimulatedSender(id: 1, interval: 100 * millisecond)
    let frozen = sender.beat(0).payload
    let beats = sender.beats(0..<600).map { entry -> (id: Int, beat: HeartbeatArrival) in
      let beat = entry.beat
      return (
        entry.id,
        HeartbeatArrival(
          arrival: beat.arrival, payload: frozen, wallClock: beat.arrival / 1000, port: beat.port)
      )
    }
    playback.play(beats, until: 60 * second)
    #expect(playback.discovered.count == 1)
    #expect(playback.silent.isEmpty)
  }
}
