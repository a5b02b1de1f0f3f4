// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform
import TestSupport
import Testing

@testable import Heartbeat

/// `TZ` belongs to the process, so that a test that sets it runs in one of its own.
@Suite("Local time")
struct ZoneTests {
  @Test(
    "what the local clock reads is what Python says it reads",
    arguments: [
      "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu",
      "Pacific/Apia", "EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30",
    ])
  func pythonsLocalTime(zone: String) async {
    await #expect(processExitsWith: .success) { [zone] in
      setenv("TZ", zone, 1)
      let samples = try PythonDatetime.samples(5000, zone: "local", seed: SeededRandom.seed(default: 2))
      #expect(samples.count >= 5000)
      for sample in samples {
        let time = CivilTime(secondsSinceEpoch: sample.seconds, microsecond: sample.microsecond, zone: .local)
        #expect(Heartbeat(Array("ATU \(sample.text)".utf8)) == Heartbeat(time: time), "\(zone) \(sample)")
      }
    }
  }

  @Test("a change of the zone is seen by a reading ten seconds later, also by a clock that was set back")
  func zoneChange() async {
    await #expect(processExitsWith: .success) {
      let second: Int64 = 1_000_000_000
      setenv("TZ", "AAA-1", 1)
      #expect(CivilTime(realtime: 0, zone: .local).hour == 1)
      setenv("TZ", "BBB-5", 1)
      #expect(CivilTime(realtime: 9 * second, zone: .local).hour == 1)
      #expect(CivilTime(realtime: 10 * second, zone: .local).hour == 5)
      setenv("TZ", "CCC-7", 1)
      #expect(TimestampZone.local.offset(at: 20 * second) == 7 * 3_600_000_000)
      setenv("TZ", "DDD-8", 1)
      #expect(CivilTime(realtime: 10 * second, zone: .local).hour == 8)
      #expect(TimestampZone.utc.offset(at: .max / 2) == 0)
      #expect(CivilTime(realtime: 0, zone: .utc).hour == 0)
    }
  }

  @Test("a wall clock reads the same as the calendar at each time, whatever it was prepared for")
  func wallClock() {
    let seed = SeededRandom.seed(default: 3)
    var random = SeededRandom(seed: seed)
    var clock = WallClock(zone: .local)
    for _ in 0..<2000 {
      // Few seconds, so that some are met again.
      let time = 1_800_000_000_000_000_000 + Int64.random(in: 0..<5_000_000_000, using: &random)
      if Bool.random(using: &random) { clock.prepare(realtime: time + 1_000_000_000) }
      #expect(clock.read(realtime: time) == CivilTime(realtime: time, zone: .local), "seed \(seed)")
    }
  }

  @Test(
    "nanoseconds are rounded down to the microsecond, also before 1970",
    arguments: [
      (0, 0, 0), (999, 0, 0), (1000, 0, 1), (999_999_999, 0, 999_999), (1_000_000_000, 1, 0),
      (-1, -1, 999_999), (-1000, -1, 999_999), (-1001, -1, 999_998), (-1_000_000_000, -1, 0),
      (-1_000_000_001, -2, 999_999),
    ] as [(Int64, Int64, Int)])
  func nanoseconds(realtime: Int64, second: Int64, microsecond: Int) {
    let time = CivilTime(realtime: realtime, zone: .utc)
    #expect(time.secondsSinceEpochAsUTC == second)
    #expect(time.microsecond == microsecond)
  }

  @Test("clocks beyond what can be written read the first or last moment that can be")
  func beyond() {
    for zone in [TimestampZone.utc, .local] {
      #expect(CivilTime(secondsSinceEpoch: .max, microsecond: 999_999, zone: zone) == .latest)
      #expect(CivilTime(secondsSinceEpoch: .min, microsecond: 0, zone: zone) == .earliest)
      #expect(CivilTime(realtime: .max, zone: zone).year == 2262)
      #expect(CivilTime(realtime: .min, zone: zone).year == 1677)
    }
  }
}
