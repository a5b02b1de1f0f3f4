// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TestSupport
import Testing

@testable import Platform

struct TimerTableTests {
  /// Which timers ran, by token.
  private final class Runs: Sendable {
    private let tokens = Mutex<[UInt64]>([])
    var all: [UInt64] { tokens.withLock { $0 } }
    func note(_ token: UInt64) { tokens.withLock { $0.append(token) } }
  }

  private let runs = Runs()

  private func add(
    _ table: inout TimerTable, _ token: UInt64, leeway: Int64 = 0, period: Int64? = nil, due: Int64? = nil
  ) {
    table.add(
      token: token, leeway: leeway, period: period, due: due, LoopHandler { [runs] in runs.note(token) })
  }

  /// Runs what is due, and returns the tokens.
  private func run(_ table: inout TimerTable, at now: Int64) -> [UInt64] {
    let before = runs.all.count
    while let handler = table.takeDue(at: now) { handler.run() }
    return Array(runs.all.dropFirst(before))
  }

  @Test("what has leeway waits for a wake-up of others, until it is used up; what has none goes first")
  func leeway() {
    var table = TimerTable()
    #expect(table.wakeTime == .max)
    add(&table, 1, leeway: 600, due: 900)
    add(&table, 2, due: 1000)
    #expect(table.wakeTime == 1000)
    #expect(run(&table, at: 899) == [])
    #expect(run(&table, at: 1000) == [2, 1])
    #expect(table.wakeTime == .max && run(&table, at: 5000) == [])
    table.set(1, to: 2000)
    #expect(table.wakeTime == 2600)
  }

  @Test("a timer with a period is due again from when it ran, one without is not")
  func period() {
    var table = TimerTable()
    add(&table, 1, leeway: 5, period: 100, due: 100)
    #expect(run(&table, at: 103) == [1])
    #expect(table.wakeTime == 208)
    #expect(run(&table, at: 1000) == [1])
    #expect(table.wakeTime == 1105)
  }

  @Test("a timer that is set again while it runs, or before the others did, keeps them waiting for one turn")
  func setAgain() {
    var table = TimerTable()
    add(&table, 1, due: 0)
    add(&table, 2, due: 100)
    #expect(table.takeDue(at: 100) != nil)
    table.set(1, to: 0)
    #expect(run(&table, at: 100) == [2])
    #expect(table.wakeTime == 0)
    #expect(run(&table, at: 101) == [1])
  }

  @Test("the earliest time holds with bringForward, the last with set; a removed timer is not due")
  func setting() {
    var table = TimerTable()
    add(&table, 1)
    table.bringForward(1, to: 50)
    table.bringForward(1, to: 70)
    #expect(table.wakeTime == 50)
    table.set(1, to: 70)
    #expect(table.wakeTime == 70)
    table.set(1, to: nil)
    #expect(table.wakeTime == .max)
    table.set(1, to: 10)
    table.remove(1)
    table.set(1, to: 10)
    #expect(table.wakeTime == .max && run(&table, at: 10) == [])
  }

  @Test("times at the ends of their type overflow nothing")
  func extremes() {
    var table = TimerTable()
    add(&table, 1, leeway: .max, due: .max)
    add(&table, 2, leeway: 1, due: .min)
    #expect(table.wakeTime == .min + 1)
    #expect(run(&table, at: 0) == [2])
    #expect(table.wakeTime == .max)
  }

  @Test("at any time all that is due runs, once, and nothing else")
  func random() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    var table = TimerTable()
    var due: [UInt64: Int64] = [:]
    for token: UInt64 in 1...20 { add(&table, token, leeway: .random(in: 0...50, using: &random)) }
    for now: Int64 in 0..<500 {
      let token = UInt64.random(in: 1...20, using: &random)
      let time = now + .random(in: 0...100, using: &random)
      table.set(token, to: time)
      due[token] = time
      let expected = due.filter { $0.value <= now }.map(\.key).sorted()
      #expect(run(&table, at: now).sorted() == expected, "seed \(seed)")
      for token in expected { due[token] = nil }
    }
  }
}
