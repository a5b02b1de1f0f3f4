// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness

@Suite("Beats besides the regular ones")
struct ExtraBeatsTests {
  /// What comes from one address at a time.
  private struct Burst {
    var beats: Int
    /// From the first beat of a burst to its last, in milliseconds.
    var span: Int64
    /// From one burst to the next, in seconds.
    var period: Int64
    var hasOtherPorts: Bool
  }

  private static let bursts: [Burst] = [1, 10].flatMap { period in
    [2, 4, 8, 10, 20].flatMap { beats in
      [0, 5, 10, 20, 40, 80, 160, 320, 640].flatMap { span in
        [false, true].map { Burst(beats: beats, span: Int64(span), period: Int64(period), hasOtherPorts: $0) }
      }
    }
  }

  @Test("bursts at whatever distance never make a peer silent, and nothing is missing", arguments: 1...3)
  func bursts(seed: Int) throws {
    var random = SeededRandom(testSeed: UInt64(seed))
    var playback = Playback()
    var beats: [(id: Int, beat: HeartbeatArrival)] = []
    for (id, burst) in Self.bursts.enumerated() {
      let sender = SimulatedSender(id: id, phase: Int64(random.below(1000)) * millisecond)
      for round in 0..<Int64(100) {
        for number in 0..<Int64(burst.beats) {
          // Back to back is 20 µs apart.
          let step = max(20_000, burst.span * millisecond / Int64(burst.beats - 1))
          let sent = sender.phase + round * burst.period * second + number * step
          let beat = sender.beat(sentAt: sent, delay: Int64(random.below(15_000)))
          beats.append((id, burst.hasOtherPorts && number > 0 ? beat.from(port: 50_000) : beat))
        }
      }
    }
    playback.play(beats, until: 995 * second)
    // Those of each second have stopped long before.
    let last = Dictionary(grouping: beats, by: \.id).mapValues { $0.map(\.beat.arrival).max() ?? 0 }
    for (time, id) in playback.silent { #expect(time > last[id] ?? 0, "\(Self.bursts[id]) at \(time)") }
    playback.table.forEachPeer { #expect($0.missed == 0, "\(Self.bursts[$0.id])") }
  }

  @Test(
    "a burst each second, and then one beat each second: the pace was never shorter", arguments: [2, 5, 20])
  func extraBeatsStop(count: Int) {
    let sender = SimulatedSender(id: 1)
    let extra = (1..<count).flatMap { number in
      (0..<100).map { (id: 1, beat: sender.beat(sentAt: sender.due($0) + Int64(number) * 30 * millisecond)) }
    }
    var playback = Playback()
    playback.play(sender.beats(0..<200) + extra, until: 200 * second)
    #expect(playback.silent.isEmpty)
  }

  @Test(
    "beats of a second sender, however many and long, do not make the first one's pace shorter",
    arguments: [10, 50, 100, 300, 400, 600], [45, 100, 1000])
  func secondSender(milliseconds: Int64, seconds: Int64) {
    let sender = SimulatedSender(id: 1)
    let other = SimulatedSender(
      id: 1, interval: milliseconds * millisecond, phase: 60 * second, port: 50_000)
    var playback = Playback()
    let count = Int(seconds * 1000 / milliseconds)
    let end = Int(60 + seconds + 60)
    playback.play(sender.beats(0..<end) + other.beats(0..<count), until: sender.due(end))
    #expect(playback.silent.isEmpty)
    playback.wait(until: sender.due(end) + 10 * second)
    #expect(playback.silent.count == 1)
  }

  @Test(
    "a sender behind an access point that holds its beats back is never silent, and nothing is missing",
    arguments: [100, 250, 307, 500, 640, 1000], [1, 2, 3])
  func accessPoint(hold: Int, seed: Int) throws {
    var random = SeededRandom(testSeed: UInt64(seed))
    let sender = SimulatedSender(id: 1, interval: 100 * millisecond)
    let window = Int64(hold) * millisecond
    let beats = (0..<3000).map { number in
      let due = sender.due(number)
      let release = (due / window + 1) * window + Int64(random.below(1_000_000))
      return (id: 1, beat: sender.beat(number, delay: release - due))
    }
    var playback = Playback()
    playback.play(beats, until: 300 * second)
    #expect(playback.silent.isEmpty)
    let report = try #require(playback.table.report(of: 1))
    #expect(report.missed == 0)
  }

  @Test(
    "of beats that are held back now and then, for up to half a second, nothing is missing", arguments: 1...10
  )
  func sometimesHeld(seed: Int) throws {
    var random = SeededRandom(testSeed: UInt64(seed))
    let sender = SimulatedSender(id: 1, interval: 100 * millisecond)
    var release: Int64 = 0
    let beats = (0..<3000).map { number in
      let due = sender.due(number)
      if due > release, random.chance(0.02) { release = due + Int64(random.below(450)) * millisecond }
      return (id: 1, beat: sender.beat(number, delay: max(millisecond, release - due)))
    }
    var playback = Playback()
    playback.play(beats, until: 300 * second)
    #expect(playback.silent.isEmpty)
    #expect(playback.table.report(of: 1)?.missed == 0)
  }

  @Test("what is missing never exceeds what the time allows", arguments: 1...20)
  func bounded(seed: Int) throws {
    var random = SeededRandom(testSeed: UInt64(seed))
    var beats: [(id: Int, beat: HeartbeatArrival)] = []
    var time: Int64 = 0
    var sender = SimulatedSender(id: 1)
    while time < 600 * second {
      time += [100_000, millisecond, 50 * millisecond, second, 3 * second][random.below(5)]
      if random.chance(0.05) { sender.clock += Int64(random.below(20_000_000)) - 10_000_000 }
      beats.append((1, sender.beat(sentAt: time, delay: Int64(random.below(100_000_000)))))
    }
    var playback = Playback()
    playback.play(beats, until: time)
    let report = try #require(playback.table.report(of: 1))
    #expect(UInt64(report.missed) <= UInt64(time / (10 * millisecond)))
    // Most gaps are shorter than a second: so many beats of its pace there would have been at most.
    #expect(Int64(report.missed) <= 2 * time / max(millisecond, report.interval / 4))
  }
}
