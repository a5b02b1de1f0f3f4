// SPDX-License-Identifier: Apache-2.0

import Platform
import Rules

// Holds what a fleet does against what each host could know.
extension ReadingsWorld {
  /// How late a state may be left, in nanoseconds: a second passes until a rule that was entered for what is
  /// over already looks again (`Rulebook.untilNextLook`), and the rest is for timers.
  private static let margin: Int64 = 1_100_000_000
  /// How late a process may tell, in nanoseconds: what is new is judged once a millisecond.
  private static let toldWithin: Int64 = 100_000_000

  private var fleetRule: FleetRule? { scenario.fleet?.rule }

  /// A rule waits only while all of `when` may be so, and none of `until` surely is.
  private static func mayWait(_ segment: FleetBook.Segment) -> Bool {
    segment.when.contains(.yes) && segment.until != .yes
  }

  func checkEntered(_ process: ReadingsProcess, of host: ReadingsHost, at time: Int64) {
    guard let rule = fleetRule, let book = process.book else { return }
    if !book.mayHaveBeen(rule.holdsFor, until: time, where: Self.mayWait) {
      fail(.entered, host.number, "entered: \(book.history(before: time))")
    }
  }

  func checkLeft(_ process: ReadingsProcess, of host: ReadingsHost, at time: Int64) {
    guard let rule = fleetRule, let book = process.book else { return }
    if !book.mayHaveBeen(rule.releasesFor, until: time, where: { $0.until != .no }) {
      return fail(.kept, host.number, "left: \(book.history(before: time))")
    }
    // Where it may only have ended for what is unknown, that must have been so for long enough.
    let began = time - rule.releasesFor
    guard let certain = book.last(upTo: time - FleetBook.slack, where: { !$0.until.contains(.yes) }),
      certain > began + FleetBook.slack
    else { return }
    if certain < process.adoptedUntil - FleetBook.slack {
      return fail(.kept, host.number, "left right after the start: \(book.history(before: time))")
    }
    guard let hold = rule.holdFor,
      let known = book.last(upTo: certain - 1, where: { !$0.until.contains(.unknown) }),
      known > certain - hold + FleetBook.slack
    else { return }
    fail(.kept, host.number, "left, known \(time - known) ns before: \(book.history(before: time))")
  }

  /// The state is not entered for longer than it may be.
  func checkEnds(_ process: ReadingsProcess, of host: ReadingsHost, at time: Int64) {
    guard let rule = fleetRule, let book = process.book, host.fleet.isEntered else { return }
    let begin = max(host.fleet.since, book.segments[0].start)
    func span(since isOtherwise: (FleetBook.Segment) -> Bool, _ start: Int64) -> Int64 {
      time - max(start, book.last(upTo: time, where: isOtherwise) ?? FleetBook.never)
    }
    let grace = max(begin, process.adoptedUntil)
    let most = rule.releasesFor + Self.margin
    let ended = span(since: { $0.until != .yes }, begin)
    if ended > most { fail(.left, host.number, "to be left for \(ended) ns: \(book.history(before: time))") }
    if let hold = rule.holdFor {
      let unknown = span(since: { $0.until != .unknown }, begin)
      let held = max(hold, process.adoptedUntil - begin)
      if unknown > held + most {
        fail(.left, host.number, "unknown for \(unknown) ns: \(book.history(before: time))")
      }
    } else {
      let unknown = span(since: { $0.until.contains(.no) }, grace)
      if unknown > most {
        fail(.left, host.number, "not known to go on for \(unknown) ns: \(book.history(before: time))")
      }
    }
  }

  func checkTold(_ since: Int64, _ process: ReadingsProcess, of host: ReadingsHost, at time: Int64) {
    let begin = max(since, host.clock.monotonic(max(0, host.stalledUntil)))
    if time - begin > Self.toldWithin { fail(.left, host.number, "told \(time - begin) ns late") }
  }

  /// A state that is left and entered flips twice: one more than the limit brings it back, and where it was
  /// entered before the span began, that is so of an even number as well.
  func checkFlips(of host: ReadingsHost) {
    guard let limit = fleetRule?.flips else { return }
    let count = host.fleet.count(within: limit.span)
    if count > limit.count + 1 { fail(.flips, host.number, "\(count) flips in \(limit.span) ns") }
  }

  // MARK: What is found

  func checkRule(_ process: ReadingsProcess, of host: ReadingsHost, at time: Int64) {
    guard let book = process.book,
      let report = process.monitor.ruleReports(from: 0, limit: .max).reports.first
    else {
      return fail(.agreed, host.number, "no rule is in force")
    }
    for (line, possible) in zip(report.lines, book.current.lines) where !possible.allows(line.result) {
      fail(.agreed, host.number, "\(line) is \(line.result), and may be \(possible)")
    }
    if report.state.isEntered != host.fleet.isEntered {
      fail(.agreed, host.number, "the rule is \(report.state), and the state was not told so")
    }
  }

  /// All faults are over for longer than a fact is fresh: each host has heard the same.
  func checkFleetAtTheEnd() {
    guard let rule = fleetRule else { return }
    let shared = rule.members.contains { senders[$0].map { $0.count > 1 } ?? false }
    var common: [Possible]?
    for host in hosts {
      guard let process = host.process else { continue }
      let time = host.clock.monotonic(now)
      process.book?.advance(to: time)
      guard !shared, let lines = process.book?.current.lines else { continue }
      if lines != common ?? lines { fail(.agreed, host.number, "\(lines), and others \(common ?? [])") }
      common = lines
    }
  }
}
