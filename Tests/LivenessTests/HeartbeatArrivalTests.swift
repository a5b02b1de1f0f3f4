// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Platform

struct HeartbeatArrivalTests {
  @Test("a beat with a zone is compared with our clock in UTC, whatever zone ours is in")
  func zonedBeat() throws {
    let received: Int64 = 1_795_332_309_000_000_000
    func offset(_ text: String, zoneOffset: Int64) throws -> Int64 {
      let reading = try #require(Array(text.utf8).withUnsafeBytes { Heartbeat.read($0) })
      let source = Endpoint(.unspecified(.ipv4), port: 1)
      return HeartbeatArrival(
        arrival: 0, reading, received: received, zoneOffset: zoneOffset, source: source
      ).offset
    }
    #expect(try offset("ATU 2026-11-22 08:25:09+01:00", zoneOffset: 32_400_000_000) == 0)
    #expect(try offset("ATU 2026-11-22 08:25:09 host=ups1 z=+0100", zoneOffset: 32_400_000_000) == 0)
    #expect(try offset("ATU 2026-11-22 07:25:08Z", zoneOffset: -3_600_000_000) == 1_000_000)
    #expect(try offset("ATU 2026-11-22 16:25:09", zoneOffset: 32_400_000_000) == 0)
  }

  @Test("the kernel's stamp is put on the monotonic clock, and kept within what can be")
  func arrivals() {
    let clock = ArrivalClock(realtime: 1_790_000_000 * second, monotonic: 100 * second, emptyAt: 90 * second)
    #expect(clock.arrival(stamp: 1_789_999_995 * second) == 95 * second)
    #expect(clock.arrival(stamp: 1_790_003_600 * second) == 100 * second)
    #expect(clock.arrival(stamp: 1_789_999_990 * second - millisecond) == 90 * second)
    #expect(clock.arrival(stamp: .min) <= 100 * second)
    let restarted = ArrivalClock(realtime: 1_790_000_000 * second, monotonic: 100 * second, emptyAt: .min)
    #expect(restarted.arrival(stamp: 1_789_999_940 * second) == 40 * second)
  }

  @Test("a step of the wall clock while datagrams waited makes none of them older than it is")
  func steppedMeanwhile() {
    func clock(step: Int64) -> ArrivalClock {
      ArrivalClock(
        realtime: (1_790_000_000 + step) * second, monotonic: 100 * second, emptyAt: 90 * second,
        formerLead: (1_790_000_000 - 100) * second)
    }
    // Stamped before the step, and after it.
    for step: Int64 in [3600, -3600, 86_400, -86_400] {
      #expect(clock(step: step).arrival(stamp: 1_789_999_995 * second) == 95 * second)
      #expect(clock(step: step).arrival(stamp: (1_789_999_998 + step) * second) == 98 * second)
    }
    // Between two steps, and where one was taken back, it may be of now.
    #expect(clock(step: 3600).arrival(stamp: 1_790_001_000 * second) == 100 * second)
    #expect(clock(step: 0).arrival(stamp: 1_789_990_000 * second) == 100 * second)
    // Where it may be either, it is the later.
    #expect(clock(step: 2).arrival(stamp: 1_789_999_995 * second) == 95 * second)
    #expect(clock(step: 2).arrival(stamp: 1_789_999_999 * second) == 99 * second)
    #expect(clock(step: -2).arrival(stamp: 1_789_999_995 * second) == 97 * second)
  }
}
