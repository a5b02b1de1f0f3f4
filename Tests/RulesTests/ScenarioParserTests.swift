// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Testing

@testable import Rules

/// The scenario of a text, for a rule `fans-off`.
func scenario(_ text: String) throws -> Scenario {
  let rule = try #require(RuleName("fans-off"))
  return try ScenarioParser.parse(Array(text.utf8), path: "outage", rules: [rule])
}

struct ScenarioParserTests {
  struct Wrong: Sendable, CustomTestStringConvertible {
    var text: String
    var told: String
    var testDescription: String { text }

    init(_ text: String, _ told: String) { (self.text, self.told) = (text, told) }

    private static let deeds = "alive, silent, left, authenticated, signed, unauthenticated, peer=STATE"
    private static let key =
      "is no key: it must be peer, or a reading: small letters, digits and ._- with a letter first and a dot "
      + "in it, at most 32 bytes, and not begin with test., or that after test. for a drill, at most 27 bytes"
    private static let value =
      "is no value: it must be 1 to 256 bytes of printable ASCII, in quotes where there are blanks, quotes "
      + #"(\") or backslashes (\\)"#
    private static let time =
      "is no time: it must be one from the beginning with a unit and without blanks, as in 0s, 90s or "
      + "1min30s, at most 168h"
    private static let quote = "a quote begins here and does not end: write \" at its end"

    static let all = [
      Wrong("0 ups1 ups.status=OL", "1: 0 \(time)"),
      Wrong("169h ups1 silent", "1: 169h \(time)"),
      Wrong(
        "5s", "3: nothing happens at 5s: a line must be TIME HOST,... KEY=VALUE..., or TIME expect RULE STATE"
      ),
      Wrong("  5s ups1  # and?", "10: ups1 do nothing: write KEY=VALUE or one of \(deeds)"),
      Wrong(
        "1min 30s ups1 silent", "5: 1min 30s has a blank: write the time as one word, as in 1min30s"),
      Wrong(
        "5s ups_1 silent",
        "4: ups_1 is no host: it must be names of letters, digits, dots and dashes with commas and no blanks "
          + "between, or this for this host"),
      Wrong("5s ups1,ups1 silent", "9: ups1 is named twice: name each host once"),
      Wrong(
        "5s ups1 gone", "9: gone is nothing that a host does: it must be KEY=VALUE or one of \(deeds)"),
      Wrong("5s ups1 UPS.status=OL", "9: UPS.status \(key)"),
      Wrong("5s ups1 status=OL", "9: status \(key)"),
      Wrong("5s ups1 test.abcdefghijklmnopqrstuvwxyz.a=1", "9: test.abcdefghijklmnopqrstuvwxyz.a \(key)"),
      Wrong("5s ups1 ups.status=\"OL", "20: \(quote)"),
      Wrong("5s ups1 ups.status=\"OL\\\"", "20: \(quote)"),
      Wrong("5s ups1 ups.status=O\\L", "20: O\\\\L \(value)"),
      Wrong("5s ups1 ups.status=\"\"", "20: \"\" \(value)"),
      Wrong("5s ups1 ups.status=\"a\"b", "20: \"a\"b \(value)"),
      Wrong(
        "5s ups1 peer=away",
        "14: away is no state of a peer: it must be one of alive, late, silent, left, unknown"),
      Wrong(
        "5s 10.0.0.5 ups.status=OL",
        "13: 10.0.0.5 is an address, and a host without a name says no readings: it must be silent, alive, "
          + "left or peer=STATE"),
      Wrong(
        "5s this silent", "9: silent is nothing that this host does: after this it must be KEY=VALUE"),
      Wrong("5s expect", "10: expects nothing: write expect RULE STATE"),
      Wrong(
        "5s expect fans-on active", "11: fans-on is no rule that is tested: it must be fans-off"),
      Wrong(
        "5s expect fans-off on",
        "20: on is no state: it must be one of inactive, pending, active, releasing, suspended"),
      Wrong(
        "5s expect fans-off",
        "19: '' is no state: it must be one of inactive, pending, active, releasing, suspended"),
      Wrong(
        "5s expect fans-off active now", "27: now is too much: a line expects one state of one rule"),
    ]
  }

  @Test("what is wrong with a line is said with its place and what is accepted", arguments: Wrong.all)
  func wrong(_ wrong: Wrong) {
    let error = #expect(throws: RuleFileError.self) { try scenario("# first\n\(wrong.text)\n") }
    #expect(error?.faults.map(\.description) == ["outage:2:\(wrong.told)"])
  }

  @Test("a time that goes back is an error, and so are all others of the file")
  func all() {
    let error = #expect(throws: RuleFileError.self) { try scenario("9s a silent\n8s a silent\nx\n\u{1}") }
    #expect(
      error?.faults.first?.description
        == "outage:2:1: 8s goes back: it must not be before the time of the line before, 9s")
    #expect(error?.faults.map(\.line) == [2, 3, 4])
  }

  @Test("a file that is no text or too long is an error, and so is a host that says too much")
  func bounds() throws {
    #expect(throws: RuleFileError.self) {
      try ScenarioParser.parse([0x30, 0x73, 0x20, 0xff], path: "outage", rules: [])
    }
    let long = [UInt8](repeating: 0x0a, count: ScenarioParser.largestSize + 1)
    #expect(throws: RuleFileError.self) { try ScenarioParser.parse(long, path: "outage", rules: []) }
    let value = String(repeating: "x", count: 200)
    let lines = (0..<5).map { "0s a k.\($0)=\(value)\n" }
    _ = try scenario(lines[..<3].joined())
    let error = #expect(throws: RuleFileError.self) { try scenario(lines.joined()) }
    #expect(
      error?.faults.first?.problem
        == "with k.3 a says more than fits a heartbeat: at most 64 readings and 1000 bytes")
    let hosts = (0...1000).map { "h\($0)" }.joined(separator: ",")
    let many = #expect(throws: RuleFileError.self) { try scenario("0s \(hosts) silent") }
    #expect(many?.faults.first?.problem == "h1000 is one too many: a scenario has at most 1000 hosts")
  }

  @Test("quotes, comments and white space are read as they are meant")
  func words() throws {
    let read = try scenario("\n#x\n 1.5s\tups1,10.0.0.5 alive # z\r\n2s a b.c=\"x \\\"y\\\\\" d.e=#1 f.g=\n")
    let ups1 = try #require(PeerSubject("ups1"))
    let address = try #require(PeerSubject("10.0.0.5"))
    let a = try #require(PeerSubject("a"))
    let ids = try ["b.c", "d.e", "f.g"].map { try #require(Reading.ID(word: $0)) }
    #expect(
      read.lines == [
        Scenario.Line(time: 1_500_000_000, step: .hosts([ups1, address], [.beat])),
        Scenario.Line(
          time: 2_000_000_000,
          step: .hosts(
            [a],
            [
              .say(ids[0], ReadingValue("x \"y\\")), .say(ids[1], ReadingValue("#1")), .say(ids[2], nil),
            ])),
      ])
  }
}
