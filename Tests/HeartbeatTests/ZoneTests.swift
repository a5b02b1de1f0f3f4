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
        // A reading that the zone has twice may be the other moment, which reads the same.
        let again = try #require(time.secondsSinceEpoch(zone: .local))
        #expect(
          CivilTime(secondsSinceEpoch: again, microsecond: sample.microsecond, zone: .local) == time,
          "\(zone) \(sample)")
        #expect(abs(again - sample.seconds) <= 3600, "\(zone) \(sample)")
      }
    }
  }

  @Test("a change of the zone is seen by the next reading")
  func zoneChange() async {
    await #expect(processExitsWith: .success) {
      setenv("TZ", "AAA-1", 1)
      #expect(CivilTime(secondsSinceEpoch: 0, microsecond: 0, zone: .local).hour == 1)
      setenv("TZ", "BBB-5", 1)
      #expect(CivilTime(secondsSinceEpoch: 0, microsecond: 0, zone: .local).hour == 5)
      setenv("TZ", "CCC-7", 1)
      #expect(CivilTime.earliest.secondsSinceEpoch(zone: .local) == -62_135_596_800 - 7 * 3600)
      #expect(TimestampZone.local.offset(at: 999_999_999) == 7 * 3_600_000_000)
      #expect(TimestampZone.utc.offset(at: .max / 2) == 0)
      #expect(CivilTime(secondsSinceEpoch: 0, microsecond: 0, zone: .utc).hour == 0)
    }
  }

  @Test("the second before the epoch is a moment, not an error")
  func beforeEpoch() throws {
    let time = CivilTime(secondsSinceEpoch: -1, microsecond: 0, zone: .local)
    #expect(time.secondsSinceEpoch(zone: .local) == -1)
  }

  @Test("clocks beyond what can be written read the first or last moment that can be")
  func beyond() {
    for zone in [TimestampZone.utc, .local] {
      #expect(CivilTime(secondsSinceEpoch: .max, microsecond: .max, zone: zone) == .latest)
      #expect(CivilTime(secondsSinceEpoch: .min, microsecond: .min, zone: zone) == .earliest)
    }
    let carried = CivilTime(secondsSinceEpoch: 0, microsecond: 1_000_000, zone: .utc)
    #expect((carried.second, carried.microsecond) == (1, 0))
    let borrowed = CivilTime(secondsSinceEpoch: 0, microsecond: -1, zone: .utc)
    #expect((borrowed.second, borrowed.microsecond) == (59, 999_999))
  }
}
