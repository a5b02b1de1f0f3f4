// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import TestSupport
import Testing

@Suite("Readings")
struct ReadingTests {
  @Test(
    "a key is small letters, digits and ._- with a dot in it",
    arguments: ["ups.status", "temp.inlet", "a.", "fan.rack_2-b", "x." + String(repeating: "y", count: 30)])
  func keys(text: String) {
    #expect(ReadingKey(text)?.text == text)
  }

  @Test(
    "other texts are no keys",
    arguments: [
      "", "host", ".status", "UPS.status", "1w.temp", "temp.é", "ups status", "test.ups.status", "a.b=c",
      "x." + String(repeating: "y", count: 31),
    ])
  func noKeys(text: String) {
    #expect(ReadingKey(text) == nil)
  }

  @Test("a word is a reading, a drill of one, or none")
  func words() throws {
    let key = try #require(ReadingKey("ups.status"))
    #expect(Reading.ID(word: "ups.status") == Reading.ID(key))
    #expect(Reading.ID(word: "test.ups.status") == Reading.ID(key, isDrill: true))
    #expect(Reading.ID(word: "test.ups.status")?.word == "test.ups.status")
    for word in ["test.ups", "test.test.ups.status", "host", "test."] {
      #expect(Reading.ID(word: word) == nil, "\(word)")
    }
  }

  @Test(
    "a number is decimal with one of the units",
    arguments: [
      ("24.5C", "C"), ("-3", ""), ("0.0%", "%"), ("230V", "V"), ("50Hz", "Hz"), ("1200rpm", "rpm"),
      ("9s", "s"),
    ])
  func numbers(text: String, unit: String) {
    #expect(ReadingValue(text)?.kind == .number(unit: unit[...]))
  }

  @Test(
    "everything else is words",
    arguments: [
      "OB DISCHRG", "24,5", "nan", "0x10", "72.5F", "1e3", "-", ".5", "5.", "+1", "1 C", "24.5 C", "--1", "٣",
    ].filter { $0.utf8.allSatisfy { $0 < 0x80 } })
  func plainWords(text: String) {
    #expect(ReadingValue(text)?.kind == .words)
  }

  @Test("a value is printable ASCII")
  func values() {
    #expect(ReadingValue("?") == .unknown)
    #expect(ReadingValue("?")?.kind == .unknown)
    #expect(ReadingValue("") == nil)
    #expect(ReadingValue("a\tb") == nil)
    #expect(ReadingValue("Büro") == nil)
    #expect(ReadingValue(String(repeating: "x", count: 256)) != nil)
    #expect(ReadingValue(String(repeating: "x", count: 257)) == nil)
  }

  // MARK: On the wire

  private func reading(_ word: String, _ value: String) throws -> Reading {
    Reading(try #require(Reading.ID(word: word)), try #require(ReadingValue(value)))
  }

  @Test("what is composed is read again, in quotes where it needs them")
  func roundTrip() throws {
    let readings = [
      try reading("ups.status", "OB DISCHRG"), try reading("temp.inlet", "24.5C"),
      try reading("ups.model", #"a "b" \c"#), try reading("test.ups.status", "LB"),
      try reading("x.y", "?"),
    ]
    var said = Announcement()
    said.host = HostName("ups1")
    (said.run, said.sequence, said.state, said.every) = (7, 9, 4, 1_000_000_000)
    let (words, leftOut) = ReadingWords.composed(readings, room: 500)
    #expect(leftOut.isEmpty)
    #expect(words.count == 5)
    var composer = HeartbeatComposer()
    composer.compose(.earliest, said, utcOffset: 3600, readings: words)
    let outline = try #require(composer.bytes.withUnsafeBytes { Heartbeat.read($0) })
    #expect(outline.said == said)
    #expect(Array(composer.bytes[outline.readings]) == Array(words.bytes.dropFirst()))
    let heard = try #require(Heartbeat(composer.bytes)).attributes.compactMap { word in
      Reading.ID(word: word.key).flatMap { id in ReadingValue(word.value).map { Reading(id, $0) } }
    }
    #expect(heard == readings.sorted { $0.id < $1.id })
  }

  @Test("what there is no room for is left out from the end of the order of names")
  func room() throws {
    let readings = [try reading("c.c", "1"), try reading("a.a", "1"), try reading("b.b", "12345")]
    let (words, leftOut) = ReadingWords.composed(readings, room: 15)
    #expect(String(decoding: words.bytes, as: UTF8.self) == " a.a=1")
    #expect(leftOut.map(\.word) == ["b.b", "c.c"])
  }

  @Test("there are 64 readings at most")
  func most() throws {
    let readings = try (100..<170).map { try reading("k.\($0)", "1") }
    let (words, leftOut) = ReadingWords.composed(readings, room: 10_000)
    #expect(words.count == 64)
    #expect(leftOut.count == 6)
  }

  @Test("whatever is said, a heartbeat with all readings that there is room for has 1000 bytes at most")
  func budget() throws {
    var random = SeededRandom(testSeed: 15)
    for _ in 0..<300 {
      var said = Announcement()
      said.host = HostName(String(repeating: "h", count: Int.random(in: 1...63, using: &random)))
      said.run = UInt64.random(in: 1...(1 << 44), using: &random)
      said.every = [1_000_000_000, 10_000_000, 3_600_000_000_000].randomElement(using: &random) ?? 1
      let readings = try (0..<64).map {
        try reading(
          "k.\($0)", String(repeating: " ", count: Int.random(in: 1...60, using: &random)))
      }
      let (words, _) = ReadingWords.composed(readings, room: HeartbeatComposer.room(beside: said, seal: nil))
      (said.sequence, said.state, said.via) = (9_999_999_999, 9_999_999_999, 64)
      said.isGoodbye = Bool.random(using: &random)
      var composer = HeartbeatComposer()
      composer.compose(.earliest, said, utcOffset: -3600, readings: words)
      #expect(composer.bytes.count <= Heartbeat.largestSize)
      #expect(composer.bytes.withUnsafeBytes { Heartbeat.read($0) }?.readings.isEmpty == false)
    }
  }
}
