// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform
import Testing

@testable import Rules

struct RuleLineTests {
  private func line(_ condition: String) throws -> RuleLine {
    RuleLine(try ConditionParser.parse(condition), isUntil: false)
  }

  private func mark(_ result: Ternary) -> RuleLine.Mark {
    RuleLine.Mark(result: result, drillResult: result)
  }

  /// What a line is with these findings of its hosts, T, F or U each.
  private func result(_ condition: String, _ findings: String) throws -> Ternary {
    var line = try line(condition)
    for (host, letter) in findings.enumerated() {
      let member = line.add(Int32(host), isMatched: false)
      _ = line.note(mark(letter == "T" ? .yes : letter == "F" ? .no : .perhaps), of: member)
    }
    return line.result(drills: false)
  }

  @Test(
    "of k hosts it is so, not so, or unknown, as three values have it",
    arguments: [
      ("2 of a,b,c", "TTT", Ternary.yes), ("2 of a,b,c", "TTF", .yes), ("2 of a,b,c", "TTU", .yes),
      ("2 of a,b,c", "TFF", .no), ("2 of a,b,c", "FFF", .no), ("2 of a,b,c", "UFF", .no),
      ("2 of a,b,c", "TUF", .perhaps), ("2 of a,b,c", "TUU", .perhaps), ("2 of a,b,c", "UUF", .perhaps),
      ("2 of a,b,c", "UUU", .perhaps), ("all of a,b", "TT", .yes), ("all of a,b", "TU", .perhaps),
      ("all of a,b", "FU", .no), ("any of a,b", "FU", .perhaps), ("any of a,b", "TU", .yes),
      ("any of a,b", "FF", .no),
    ])
  func quorum(condition: String, findings: String, expected: Ternary) throws {
    #expect(try result("\(condition): x.x has y", findings) == expected)
  }

  @Test("a host of which nothing is found yet is unknown")
  func begins() throws {
    var line = try line("all of a: x.x has y")
    let member = line.add(0, isMatched: false)
    #expect(line.result(drills: false) == .perhaps)
    #expect(line.result(of: member, drills: false) == .perhaps)
  }

  @Test("what is found again changes nothing")
  func same() throws {
    var line = try line("all of a: x.x has y")
    let member = line.add(0, isMatched: false)
    #expect(line.note(mark(.yes), of: member).isOther == true)
    #expect(line.note(mark(.yes), of: member).isOther == false)
    #expect(line.result(drills: false) == .yes)
  }

  @Test("of a pattern it is unknown while no host of the name is there")
  func patterns() throws {
    var line = try line("any of rack*: x.x has y")
    #expect(line.result(drills: false) == .perhaps)
    let member = line.add(0, isMatched: true)
    _ = line.note(mark(.no), of: member)
    #expect(line.result(drills: false) == .no)
    line.setCounting(false, member)
    #expect(line.result(drills: false) == .perhaps)
    // Not counted, and as it is once it is.
    #expect(line.note(mark(.yes), of: member).isOther == false)
    #expect(line.result(drills: true) == .perhaps)
    line.setCounting(true, member)
    #expect(line.result(drills: false) == .yes)
  }

  @Test("a host that is named, and that the pattern is of as well, is one of the pattern's")
  func named() throws {
    var line = try line("any of rack1,rack*: x.x has y")
    let member = line.add(0, isMatched: false)
    #expect(line.result(drills: false) == .perhaps)
    _ = line.note(mark(.no), of: member)
    #expect(line.result(drills: false) == .no)
  }

  @Test("values for practice are counted beside the true ones")
  func drills() throws {
    var line = try line("all of a,b: x.x has y")
    let (first, second) = (line.add(0, isMatched: false), line.add(1, isMatched: false))
    let practised = RuleLine.Mark(result: .no, drillResult: .yes, isDrill: true)
    #expect(line.note(practised, of: first).drills == 1)
    #expect(line.note(mark(.yes), of: second).drills == 0)
    #expect(line.result(drills: false) == .no)
    #expect(line.result(drills: true) == .yes)
    #expect([first, second].map { line.drillCount(of: $0) } == [1, 0])
  }
}
