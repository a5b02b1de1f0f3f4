// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Platform
import Rules
import Testing

@testable import Control

/// What `mcastd check` doubts of rules that are written well.
struct RuleDoubtsTests {
  private func reading(_ host: HostName, _ word: String, _ value: String) throws -> ReadingReply {
    ReadingReply(
      ReadingReport(
        host: host, address: nil, id: try #require(Reading.ID(word: word)),
        value: try #require(ReadingValue(value)), quality: word.hasPrefix("test.") ? .drill : .good,
        heard: 1, changed: 1, proof: nil))
  }

  private func doubts(_ lines: String, own: HostName? = "ups1") throws -> [String] {
    let doubts = RuleDoubts(
      readings: [
        try reading("ups1", "ups.status", "OL"), try reading("ups1", "temp.inlet", "22C"),
        try reading("rack1", "temp.inlet", "?"), try reading("rack1", "test.fan.speed", "7rpm"),
      ], peers: [], own: own)
    return doubts.texts(of: [try RuleFile.parse(Array(lines.utf8), path: "a.rule")])
  }

  @Test(
    "what is there as it is asked for is not doubted",
    arguments: [
      "all of ups1: ups.status has OB", "temp.inlet < 27C", "any of rack*: temp.inlet < 27C",
      // It can be anything, once it is known.
      "all of rack1: temp.inlet has OB", "all of ups1,rack1: peer = silent",
    ])
  func fine(condition: String) throws { #expect(try doubts("when=\(condition)") == []) }

  @Test(
    "what is unknown for ever is named",
    arguments: [
      ("all of usp1: peer = silent", "usp1 was never heard, so that it is unknown. Did you mean ups1?"),
      ("any of ups1,ups2: ups.status has OB", "ups2 was never heard, so that it is unknown"),
      ("any of pdu*: x.y has z", "no host that was heard is named as pdu*"),
      ("any of rack*: ups.status has OB", "rack1 says nothing of ups.status, so that it is unknown"),
      (
        "all of ups1: temp.inlet < 27",
        "ups1 says temp.inlet=22C, and 'temp.inlet < 27' has another unit: it is unknown, for nothing is converted"
      ),
      (
        "all of ups1: temp.inlet has OB",
        "ups1 says temp.inlet=22C, and 'temp.inlet has OB' asks for words: it is unknown"
      ),
      (
        "all of ups1: ups.status > 3",
        "ups1 says ups.status=OL, and 'ups.status > 3' asks for a number: it is unknown"
      ),
      ("ups.statos has OB", "ups1 says nothing of ups.statos, but ups.status, so that it is unknown"),
      // For practice only.
      ("all of rack1: fan.speed > 3rpm", "rack1 says nothing of fan.speed, so that it is unknown"),
    ])
  func doubtful(condition: String, expected: String) throws {
    #expect(try doubts("when=\(condition)\nuntil=\(condition)") == ["rule a: \(expected)"])
  }

  @Test("a host without a name says nothing")
  func nameless() throws {
    #expect(
      try doubts("when=a.b has c", own: nil) == [
        "rule a: 'a.b has c' is of this host, which has no name and says nothing: set name=, or name hosts"
      ])
  }

  @Test("no more are told than somebody reads")
  func many() throws {
    let lines = (0..<40).map { "when=all of h\($0): a.b has c" }.joined(separator: "\n")
    let texts = try doubts(lines)
    #expect(texts.count == RuleDoubts.most + 1)
    #expect(texts.last == "8 more doubts about rules")
  }
}
