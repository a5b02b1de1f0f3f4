// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import TestSupport
import Testing

@testable import Daemon

@Suite("The schedule of a change")
struct ChangeScheduleTests {
  private static let millisecond: Int64 = 1_000_000
  private static let none = ChangeSpread(of: "ups1", at: 0, among: 0)

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
    schedule.change(at: 0, spread: Self.none, isNoise: false)
    let (times, firsts) = run(&schedule)
    #expect(times == [0, 5, 10, 20, 40, 80, 160, 320])
    #expect(firsts == [0])
  }

  @Test("what changes while a change waits goes with it, and at most 20 a second are sent")
  func slots() {
    var schedule = ChangeSchedule()
    var (now, firsts): (Int64, [Int64]) = (0, [])
    while now < 1000 * Self.millisecond {
      schedule.change(at: now, spread: Self.none, isNoise: false)
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
    schedule.change(at: 0, spread: Self.none, isNoise: false)
    let late = 100 * Self.millisecond
    #expect(schedule.take(at: late) == .first)
    #expect(schedule.take(at: late) == .repetition)
    #expect(schedule.take(at: late) == nil)
    #expect(schedule.due == 160 * Self.millisecond)
  }

  @Test("a heartbeat takes along what waits, which is then not sent by itself")
  func beat() {
    var schedule = ChangeSchedule()
    var takes = schedule.takeBeat(at: 0)
    #expect(!takes)
    schedule.change(at: 0, spread: Self.none, isNoise: false)
    takes = schedule.takeBeat(at: 0)
    #expect(takes)
    let (times, firsts) = run(&schedule)
    #expect(times == [5, 10, 20, 40, 80, 160, 320])
    #expect(firsts == [])
  }

  @Test("noise beyond its budget leaves with the heartbeats of each second, and not besides")
  func noiseWithBeats() {
    var schedule = ChangeSchedule()
    var (copies, taken) = (0, 0)
    for beat in 0..<70 as Range<Int64> {
      let now = beat * 1000 * Self.millisecond
      while let due = schedule.due, due <= now {
        _ = schedule.take(at: due)
        copies += 1
      }
      if schedule.takeBeat(at: now) { taken += 1 }
      // Read after the heartbeat, and never the same.
      schedule.change(at: now + Self.millisecond, spread: Self.none, isNoise: true)
      if beat == 20 { (copies, taken) = (0, 0) }
    }
    #expect(taken >= 47)
    // One a minute is like others, and the next leaves before its heartbeat.
    #expect(copies <= 9)
  }

  @Test("noise is sent like others ten times, then once a minute, and else without repetition")
  func noise() {
    var schedule = ChangeSchedule()
    var (now, sent, firsts): (Int64, Int, Int) = (0, 0, 0)
    // A sensor that moves ten times a second, for a minute.
    while now < 60_000 * Self.millisecond {
      schedule.change(at: now, spread: Self.none, isNoise: true)
      now += 100 * Self.millisecond
      while let due = schedule.due, due <= now {
        let copy = schedule.take(at: due)
        sent += 1
        if copy == .first { firsts += 1 }
      }
    }
    #expect(firsts <= 10 + 1 + 40)
    #expect(sent <= (10 + 1) * 8 + 40)
    // A word is sent at once all the same.
    schedule.change(at: now, spread: Self.none, isNoise: false)
    #expect(schedule.due.map { $0 <= now + ChangeSchedule.shortestGap } == true)
    let (times, _) = run(&schedule, from: now)
    #expect(times.count == 8)
  }

  @Test("in a large group a change leaves within 2 ms, and each repetition later by 2 ms or an eighth")
  func spread() {
    var schedule = ChangeSchedule()
    let spread = ChangeSpread(of: "ups1", at: 12_345_678_901, among: 1000)
    schedule.change(at: 0, spread: spread, isNoise: false)
    let first = schedule.due
    #expect(first == spread.delay(of: 0, after: 0))
    var due: [Int64] = []
    while let next = schedule.due, schedule.take(at: next) != nil { due.append(next - (first ?? 0)) }
    #expect(due.count == 8)
    for (time, nominal) in zip(due.dropFirst(), ChangeSchedule.repetitions) {
      #expect(nominal..<nominal + max(2_000_000, nominal / 8) ~= time)
    }
  }
}
