// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness

/// A simulated day of beats whose senders choose the most unpleasant numbers, with restarts of ours in
/// between.
///
/// What may not happen is a trap; what must hold is that the counts are right and no number leaves its range.
struct HostileDay {
  private static let payloads: [Int64] = [
    .min, .max, -1, 0, 1, 1 << 32, -(1 << 32), 1 << 58, -(1 << 58), 253_402_300_799_999_999,
    -62_167_219_200_000_000,
  ]
  private static let gaps: [Int64] = [
    0, 1, 999, 100_000, millisecond, 10 * millisecond, second, 90 * second, 3600 * second, 4500 * second,
    7200 * second, 86_400 * second,
  ]
  private static let day = 86_400 * second

  private(set) var playback: Playback
  private var random: SeededRandom
  private var payload: [Int64]

  init(seed: UInt64, sources: Int = 12) {
    random = SeededRandom(seed: seed)
    playback = Playback(capacity: 8)
    playback.table.expect { id, _ in id < 2 }
    payload = (0..<sources).map { Int64($0) * 1_000_000 }
  }

  /// - Parameter beats: As many, or as many as a day has.
  mutating func play(beats: Int, until end: Int64 = HostileDay.day) throws {
    for _ in 0..<beats where playback.now < end {
      let id = random.below(payload.count)
      let gap = Self.gaps[random.below(random.chance(0.02) ? Self.gaps.count : 8)]
      let now = playback.now + Int64(random.below(Int(gap) + 1))
      step(id, gap)
      let beat = HeartbeatArrival(
        arrival: now, payload: payload[id],
        wallClock: random.chance(0.1) ? Self.payloads[random.below(Self.payloads.count)] : now / 1000,
        port: UInt16(random.below(3)))
      playback.play([(id, beat)], until: now)
      try disturb(at: now)
    }
    playback.checkCounts()
    playback.table.forEachPeer { report in
      #expect(LivenessRule.shortestInterval...LivenessRule.longestInterval ~= report.interval)
      #expect(HeartbeatArrival.times ~= report.offset)
      #expect(report.lastHeard <= playback.now && report.stateSince <= playback.now)
    }
  }

  private mutating func step(_ id: Int, _ gap: Int64) {
    switch random.below(6) {
    case 0: payload[id] = Self.payloads[random.below(Self.payloads.count)]
    // The step of 1.25 that once took a learned pace beyond its type.
    case 1: payload[id] = payload[id] &+ gap / 1000 * 5 / 4
    case 2: payload[id] = payload[id] &- gap / 1000
    case 3: break
    default: payload[id] = payload[id] &+ gap / 1000
    }
  }

  private mutating func disturb(at now: Int64) throws {
    switch random.below(200) {
    case 0:
      playback.table.noteKernelDrops(
        random.below(2) == 0 ? .max / 2 : random.below(1000), read: random.below(1000), from: now - second,
        to: now)
    case 1:
      playback.table.suspend(
        Impediment.allCases[random.below(5)], since: now - Int64(random.below(9)) * second)
    case 2, 3: for impediment in Impediment.allCases { playback.table.resume(impediment, at: now) }
    case 4:
      let data = try JSONEncoder().encode(playback.table.snapshot(at: now))
      let snapshot = try JSONDecoder().decode(PeerSnapshot<Int>.self, from: data)
      playback = Playback(
        resuming: PeerTable(restoring: snapshot, capacity: 8, at: now, isGapless: random.chance(0.5)), at: now
      )
      playback.table.expect { id, _ in id < 2 }
    default: break
    }
  }
}

@Suite("Numbers that strangers choose")
struct HostileNumbersTests {
  @Test(
    "a day of extreme payload steps, gaps and restarts ends in no trap and no number out of its range",
    arguments: 1...40)
  func day(seed: Int) throws {
    var day = HostileDay(seed: SeededRandom.seed(default: UInt64(seed)))
    try day.play(beats: 4000)
  }

  @Test("a pace of an hour and payload steps of five quarters of it, for days")
  func longestPace() throws {
    var playback = Playback()
    var beats: [(id: Int, beat: HeartbeatArrival)] = []
    for number in 0..<200 {
      let arrival = Int64(number) * 3600 * second
      let payload = Int64(number) * 4_499_000_000
      beats.append(
        (1, HeartbeatArrival(arrival: arrival, payload: payload, wallClock: arrival / 1000, port: 1)))
    }
    playback.play(beats, until: 200 * 3600 * second)
    let report = try #require(playback.table.report(of: 1))
    #expect(report.interval == 3600 * second)
  }

  @Test("a count stays at its highest value")
  func tally() {
    var tally = Tally()
    tally.add(.max - 1)
    tally.takeBack()
    #expect(tally.value == UInt32.max - 2)
    tally.add(7)
    #expect(tally.value == UInt32.max)
    tally.add(.max)
    tally.takeBack()
    #expect(tally.value == UInt32.max)
  }

  @Test(
    "the boundary clamps every number of a beat, so that differences of two fit",
    arguments: [Int64.min, -1, 0, .max])
  func boundary(number: Int64) {
    let beat = HeartbeatArrival(arrival: number, payload: number, wallClock: ~number, port: 1)
    let other = HeartbeatArrival(arrival: ~number, payload: ~number, wallClock: number, port: 1)
    #expect(
      HeartbeatArrival.arrivals ~= beat.arrival && HeartbeatArrival.times ~= beat.payload
        && HeartbeatArrival.times ~= beat.offset)
    #expect(!beat.payload.subtractingReportingOverflow(other.payload).overflow)
    #expect(!beat.arrival.subtractingReportingOverflow(other.payload).overflow)
  }
}
