// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness

@Suite("What the plain payload tells")
struct ArrivalStatisticsTests {
  private func report(_ beats: [(id: Int, beat: HeartbeatArrival)], until end: Int64) throws -> PeerReport<
    Int
  > {
    var playback = Playback()
    playback.play(beats, until: end)
    return try #require(playback.table.report(of: 1))
  }

  @Test("every lost beat is counted, and nothing else", arguments: [0.001, 0.01, 0.05, 0.2], [100, 1000])
  func losses(loss: Double, milliseconds: Int) throws {
    var random = SeededRandom(testSeed: UInt64(loss * 1000) + UInt64(milliseconds))
    let sender = SimulatedSender(id: 1, interval: Int64(milliseconds) * millisecond)
    let count = 20_000
    // The pace is known after eight turns of three quarters of a second or more.
    let known = 8 * max(1, 1000 / milliseconds)
    var lost = 0
    var beats: [(id: Int, beat: HeartbeatArrival)] = []
    for number in 0..<count {
      // The first and the last tell where the counting begins and ends.
      if number > known, number < count - 1, random.chance(loss) {
        lost += 1
      } else {
        beats.append((1, sender.beat(number, delay: Int64(random.below(20_000_000)))))
      }
    }
    let report = try report(beats, until: sender.due(count))
    #expect(Int(report.missed) == lost)
    #expect(Int(report.beats) == beats.count)
    #expect(report.duplicates == 0 && report.reordered == 0 && report.restarts == 0)
    #expect(report.clockSteps == 0)
  }

  @Test("duplicates and beats that overtook one another are counted, and are not missing")
  func disorder() throws {
    var random = SeededRandom(testSeed: 3)
    let sender = SimulatedSender(id: 1, interval: 100 * millisecond)
    var duplicates = 0
    var reordered = 0
    var lost = 0
    var beats: [(id: Int, beat: HeartbeatArrival)] = []
    var number = 0
    while number < 20_000 {
      let beat = sender.beat(number, delay: millisecond)
      number += 1
      guard number > 10 else {
        beats.append((1, beat))
        continue
      }
      switch random.below(50) {
      case 0:
        duplicates += 1
        beats += [(1, beat), (1, sender.beat(number - 1, delay: 3 * millisecond))]
      case 1:
        // The next one comes first.
        reordered += 1
        beats += [
          (1, sender.beat(number - 1, delay: 130 * millisecond)),
          (1, sender.beat(number, delay: millisecond)),
        ]
        number += 1
      case 2 where number < 19_990:
        lost += 1
      default:
        beats.append((1, beat))
      }
    }
    let report = try report(beats, until: sender.due(20_000))
    #expect(Int(report.duplicates) == duplicates)
    #expect(Int(report.reordered) == reordered)
    #expect(Int(report.missed) == lost)
    #expect(report.clockSteps == 0)
  }

  @Test(
    "a clock step is a step and an offset, not missing beats",
    arguments: [-3600.0123, -10.0007, -2.7, 2.7, 10.0007, 3600.0123])
  func clockStep(seconds: Double) throws {
    let sender = SimulatedSender(id: 1)
    let step = Int64(seconds * 1_000_000)
    let beats = (0..<100).map { number in
      (id: 1, beat: sender.beat(number, clockStep: 20..<60 ~= number ? step : 0))
    }
    let middle = try report(Array(beats[..<50]), until: sender.due(50))
    #expect(middle.offset == -sender.clock - step)
    let end = try report(beats, until: sender.due(100))
    #expect(end.offset == -sender.clock)
    #expect(end.clockSteps == 2)
    #expect(end.missed == 0)
    #expect(end.reordered == 0)
  }

  @Test("beats that are held up on their way and come in a burst are not missing")
  func burst() throws {
    let sender = SimulatedSender(id: 1)
    let beats = (0..<100).map { number in
      (id: 1, beat: sender.beat(number, delay: 40..<44 ~= number ? sender.due(44) - sender.due(number) : 0))
    }
    let report = try report(beats, until: sender.due(100))
    #expect(report.missed == 0)
    #expect(report.clockSteps == 0)
    #expect(report.interval == second)
  }

  @Test("jitter is that of RFC 3550")
  func jitter() throws {
    var random = SeededRandom(testSeed: 4)
    let sender = SimulatedSender(id: 1)
    let beats = (0..<500).map { (id: 1, beat: sender.beat($0, delay: Int64(random.below(40_000)) * 1000)) }
    var expected = 0.0
    // From the second beat on, with which the peer begins.
    for number in 2..<500 {
      let change = (beats[number].beat.offset - beats[number - 1].beat.offset)
      expected += (Double(abs(change)) - expected) / 16
    }
    let report = try report(beats, until: sender.due(500))
    #expect(abs(Double(report.jitter) / 1000 - expected) < 20)
    #expect(expected > 5000)
  }

  @Test(
    "a sender that keeps its port was started again when it has another; one that never keeps it, when it leaves its schedule"
  )
  func restarts() throws {
    let first = SimulatedSender(id: 1, port: 40_000)
    let again = SimulatedSender(id: 1, phase: 400 * millisecond, port: 50_000)
    let moved = try report(first.beats(0..<50) + again.beats(60..<100), until: 100 * second)
    #expect(moved.restarts == 1)
    #expect(moved.missed == 0)
    #expect(moved.port == 50_000)
    #expect(moved.otherPort == nil)

    var ports = SeededRandom(testSeed: 5)
    let restless = [first.beats(0..<50), again.beats(52..<100)].joined().map { entry in
      (id: 1, beat: entry.beat.from(port: UInt16(32_768 + ports.below(28_000))))
    }
    let python = try report(restless, until: 100 * second)
    #expect(python.restarts == 1)
    #expect(python.otherPort == nil)
  }

  @Test("a beat that is late once is no restart")
  func lateOnce() throws {
    let sender = SimulatedSender(id: 1)
    var ports = SeededRandom(testSeed: 6)
    let beats = (0..<100).map { number in
      let beat = sender.beat(sentAt: sender.due(number) + (number == 50 ? 400 * millisecond : 0))
      return (id: 1, beat: beat.from(port: UInt16(32_768 + ports.below(28_000))))
    }
    let report = try report(beats, until: 100 * second)
    #expect(report.restarts == 0)
    #expect(report.missed == 0)
  }
}
