// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Monitor

struct SummaryPaceTests {
  private static let second: Int64 = 1_000_000_000

  /// One event in each of these seconds, asked about once a second until the end.
  private func told(_ events: Range<Int64>, until end: Int64) -> [(second: Int64, SummaryPace.Summary)] {
    var pace = SummaryPace()
    var told: [(Int64, SummaryPace.Summary)] = []
    for second in events.lowerBound...end {
      if events.contains(second) { pace.add(2, now: second * Self.second) }
      if let summary = pace.take(now: second * Self.second, isFinal: false) { told.append((second, summary)) }
    }
    return told
  }

  @Test("what goes on for a day is told at once, after 10 s, after a minute, and then every hour")
  func backsOff() {
    let told = told(100..<86_500, until: 86_500)
    let hours = (1...23).map { Int64(170 + 3600 * $0) }
    #expect(told.map(\.second) == [100, 110, 170] + hours)
  }

  @Test("each entry has what came since the one before, and all since it began: nothing twice, nothing lost")
  func totals() {
    let told = told(0..<100_000, until: 100_700)
    var sum: UInt64 = 0
    for (second, summary) in told.dropLast() {
      sum += summary.count
      #expect(summary.total == sum)
      #expect(summary.totalSpan == second * Self.second)
    }
    #expect(told.last?.1.total == 200_000)
    #expect(told.map(\.1.count).reduce(0, +) == 200_000)
    #expect(told[1].1 == .init(count: 20, span: 9 * Self.second, total: 22, totalSpan: 10 * Self.second))
  }

  @Test("when it stops, the rest is told after ten quiet minutes and not an hour later")
  func rest() {
    let told = told(0..<200, until: 5000)
    #expect(told.map(\.second) == [0, 10, 70, 799])
    #expect(told.last?.1.count == 2 * 129 && told.last?.1.total == 400)
  }

  @Test(
    "ten quiet minutes end it, and what comes then is told at once, from the beginning", arguments: [0, 1])
  func again(short: Int64) {
    var pace = SummaryPace()
    pace.add(now: 0)
    #expect(pace.take(now: 0, isFinal: false)?.count == 1)
    let later = SummaryPace.quiet - short
    pace.add(3, now: later)
    let summary = pace.take(now: later, isFinal: false)
    #expect(summary?.count == 3)
    // A nanosecond less, and it goes on.
    #expect(summary?.total == (short == 0 ? 3 : 4))
    pace.add(now: later + Self.second)
    #expect(pace.take(now: later + 10 * Self.second - 1, isFinal: false) == nil)
    #expect((pace.take(now: later + 10 * Self.second, isFinal: false) != nil) == (short == 0))
  }

  @Test("at the end all that is left is told, whatever the time")
  func final() {
    var pace = SummaryPace()
    pace.add(5, now: 0)
    _ = pace.take(now: 0, isFinal: false)
    pace.add(7, now: 1)
    #expect(pace.take(now: 2, isFinal: false) == nil)
    #expect(pace.take(now: 2, isFinal: true)?.count == 7)
    #expect(pace.take(now: 3, isFinal: true) == nil)
  }

  @Test("events that began before they were counted count from there")
  func since() {
    var pace = SummaryPace()
    pace.add(5, since: 3, now: 10)
    #expect(pace.take(now: 10, isFinal: false) == .init(count: 5, span: 7, total: 5, totalSpan: 7))
    pace.add(0, since: 11, now: 12)
    #expect(pace.take(now: SummaryPace.quiet * 2, isFinal: false) == nil)
  }
}
