// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Daemon
@testable import Multicast

struct ScheduleTests {
  @Test("small delays of beats do not accumulate over a day")
  func noDrift() {
    var random = SeededRandom(testSeed: 1)
    let start: Int64 = 987_654_321
    var schedule = BeatSchedule(start: start, interval: 1_000_000_000)
    #expect(schedule.due == start)
    for beat in 0..<100_000 as Range<Int64> {
      #expect(schedule.due == start + beat * 1_000_000_000)
      schedule.advance(now: schedule.due + Int64(random.below(900_000_000)))
    }
  }

  @Test(
    "a late wake-up sends one beat, and the next is on schedule", arguments: [1, 2, 10, 86_400] as [Int64])
  func late(missed: Int64) {
    var schedule = BeatSchedule(start: 100, interval: 1000)
    schedule.advance(now: 100)
    schedule.advance(now: 1100 + missed * 1000 + 300)
    #expect(schedule.due == 1100 + (missed + 1) * 1000)
  }

  @Test("a beat exactly one interval late is sent once, and the one due then is skipped")
  func exactlyLate() {
    var schedule = BeatSchedule(start: 0, interval: 1000)
    schedule.advance(now: 1000)
    #expect(schedule.due == 2000)
  }

  @Test("an early wake-up does not send a beat twice")
  func early() {
    var schedule = BeatSchedule(start: 0, interval: 1000)
    schedule.advance(now: 0)
    schedule.advance(now: 999)
    #expect(schedule.due == 2000)
  }
}

struct SendHealthTests {
  @Test("failing sends are reported once when they begin, and once when they end, with their count")
  func onceEach() {
    var health = SendHealth()
    #expect(health.note(nil, at: 7) == nil)
    #expect(health.note(101, at: 7) == .failing(errno: 101))
    for _ in 0..<9 { #expect(health.note(101, at: 7) == nil) }
    #expect(health.note(nil, at: 7) == .recovered(failures: 10))
    #expect(health.note(nil, at: 7) == nil)
    #expect(health.note(101, at: 7) == .failing(errno: 101))
    #expect(health.note(nil, at: 7) == .recovered(failures: 1))
  }

  @Test("another errno is reported, and the count continues")
  func anotherErrno() {
    var health = SendHealth()
    #expect(health.note(101, at: 7) == .failing(errno: 101))
    #expect(health.note(105, at: 7) == .failing(errno: 105))
    #expect(health.note(105, at: 7) == nil)
    #expect(health.note(101, at: 7) == .failing(errno: 101))
    #expect(health.note(nil, at: 7) == .recovered(failures: 4))
  }
}
