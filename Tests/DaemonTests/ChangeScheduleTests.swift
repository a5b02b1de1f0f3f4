// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import TestSupport
import Testing

@testable import Daemon

@Suite("The schedule of a change")
struct ChangeScheduleTests {
  private static let millisecond: Int64 = 1_000_000

  /// Times of all copies until nothing is due, in ms after `start`, and which of them are first ones.
  private func run(
    _ schedule: inout ChangeSchedule, from start: Int64 = 0
  ) -> (times: [Int64], firsts: [Int64]) {
    var (times, firsts): ([Int64], [Int64]) = ([], [])
    while let due = schedule.due {
      let copy = schedule.take(at: due)
      times.append((due - start) / Self.millisecond)
      if copy == .first { firsts.append((due - start) / Self.millisecond) }
    }
    return (times, firsts)
  }

  @Test("a change is sent at once and again after 5, 10, 20, 40, 80, 160 and 320 ms")
  func copies() {
    var schedule = ChangeSchedule()
    #expect(schedule.due == nil)
    #expect(schedule.take(at: 0) == nil)
    schedule.change(at: 0, delay: 0, isNoise: false)
    let (times, firsts) = run(&schedule)
    #expect(times == [0, 5, 10, 20, 40, 80, 160, 320])
    #expect(firsts == [0])
  }

  @Test("what changes while a change waits goes with it, and at most 20 a second are sent")
  func slots() {
    var schedule = ChangeSchedule()
    var (now, firsts): (Int64, [Int64]) = (0, [])
    while now < 1000 * Self.millisecond {
      schedule.change(at: now, delay: 0, isNoise: false)
      while let due = schedule.due, due <= now {
        if schedule.take(at: now) == .first { firsts.append(now / Self.millisecond) }
      }
      now += Self.millisecond
    }
    #expect(firsts.count == 20)
    #expect(zip(firsts.dropFirst(), firsts).allSatisfy { $0 - $1 >= 50 })
    let (_, rest) = run(&schedule)
    #expect(rest.count == 1)
  }

  @Test("of copies that a busy loop held up one is sent")
  func heldUp() {
    var schedule = ChangeSchedule()
    schedule.change(at: 0, delay: 0, isNoise: false)
    let late = 100 * Self.millisecond
    #expect(schedule.take(at: late) == .first)
    #expect(schedule.take(at: late) == .repetition)
    #expect(schedule.take(at: late) == nil)
    #expect(schedule.due == 160 * Self.millisecond)
  }

  @Test("noise is sent like others ten times, and then at most once a second and without repetition")
  func noise() {
    var schedule = ChangeSchedule()
    var (now, sent, firsts): (Int64, Int, Int) = (0, 0, 0)
    // A sensor that moves ten times a second, for a minute.
    while now < 60_000 * Self.millisecond {
      schedule.change(at: now, delay: 0, isNoise: true)
      now += 100 * Self.millisecond
      while let due = schedule.due, due <= now {
        let copy = schedule.take(at: due)
        sent += 1
        if copy == .first { firsts += 1 }
      }
    }
    #expect(firsts <= 10 + 6 + 60)
    #expect(sent <= (10 + 6) * 8 + 60)
    // A word is sent at once all the same.
    schedule.change(at: now, delay: 0, isNoise: false)
    #expect(schedule.due.map { $0 <= now + ChangeSchedule.shortestGap } == true)
    let (times, _) = run(&schedule, from: now)
    #expect(times.count == 8)
  }

  @Test("hosts that see the same change spread their first copies over 2 ms")
  func spread() {
    let delays = (0..<1000).map { ChangeSchedule.delay(of: "ups\($0)", at: 12_345_678_901) }
    #expect(delays.allSatisfy { 0..<2_000_000 ~= $0 })
    // In each tenth of the time between half and twice as many as there should be.
    for tenth in 0..<10 {
      let count = delays.count { $0 * 10 / 2_000_000 == tenth }
      #expect((50...200).contains(count), "\(tenth)")
    }
  }
}
