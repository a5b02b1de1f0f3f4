// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat

@Suite("The wire format")
struct HeartbeatTests {
  private func encoded(_ time: CivilTime) -> String {
    let bytes = [UInt8](unsafeUninitializedCapacity: Heartbeat.encodedSize) { buffer, count in
      count = Heartbeat.encode(time, into: UnsafeMutableRawBufferPointer(buffer))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func parsed(_ text: String) -> Heartbeat? {
    let bytes = Array(text.utf8)
    let heartbeat = Heartbeat(bytes)
    #expect(bytes.withUnsafeBytes { Heartbeat.matches($0) } == (heartbeat != nil), "\(text)")
    return heartbeat
  }

  @Test("a heartbeat is 30 bytes, zero-padded, with six digits always")
  func encoding() throws {
    let time = try #require(
      CivilTime(year: 26, month: 1, day: 2, hour: 3, minute: 4, second: 5, microsecond: 6))
    #expect(encoded(time) == "ATU 0026-01-02 03:04:05.000006")
    #expect(encoded(.latest) == "ATU 9999-12-31 23:59:59.999999")
    #expect(encoded(.earliest) == "ATU 0001-01-01 00:00:00.000000")
  }

  @Test("what Python writes is read as Python meant it, and written as Python writes it")
  func pythonsDatetime() throws {
    let samples = try PythonDatetime.samples(20_000, zone: "utc", seed: SeededRandom.seed(default: 1))
    #expect(samples.count >= 20_000)
    #expect(samples.contains { $0.text.utf8.count == 19 }, "no sample lacks the fraction")
    for sample in samples {
      let time = CivilTime(secondsSinceEpoch: sample.seconds, microsecond: sample.microsecond, zone: .utc)
      #expect(parsed("ATU " + sample.text) == Heartbeat(time: time), "\(sample)")
      #expect(encoded(time) == "ATU " + sample.fullText)
      #expect(time.secondsSinceEpochAsUTC == sample.seconds, "\(sample)")
    }
  }

  @Test(
    "0 to 9 fraction digits are accepted, to the microsecond",
    arguments: [
      ("", 0), (".1", 100_000), (".12", 120_000), (".000001", 1), (".1234567", 123_456),
      (".999999999", 999_999), (".000000999", 0),
    ])
  func fractions(fraction: String, microsecond: Int) throws {
    for separator in [" ", "T"] {
      let heartbeat = try #require(parsed("ATU 2026-11-22\(separator)07:25:09\(fraction)"))
      #expect(heartbeat.time.microsecond == microsecond)
      #expect(heartbeat.time.secondsSinceEpochAsUTC == 1_795_332_309)
    }
  }

  @Test(
    "what is not quite a heartbeat is not one",
    arguments: [
      "", "A", "ATU", "ATU ", "atu 2026-11-22 07:25:09", "ATU2026-11-22 07:25:09.195112",
      "ATU 2026-11-22 07:25:0", "ATU 2026-11-22 07:25:09.", "ATU 2026-11-22 07:25:09.1234567890",
      "ATU 2026-11-22 07:25:09.195112\n", "ATU 2026-11-22 07:25:09\r\n", "ATU 2026-11-22 07:25:09 ",
      "ATU 2026-11-22t07:25:09", "ATU 2026-11-22  07:25:09", "ATU 2026/11/22 07:25:09",
      "ATU 2026-11-22 24:00:00", "ATU 2026-11-22 07:60:09", "ATU 2026-11-22 07:25:60",
      "ATU 2026-00-22 07:25:09", "ATU 2026-13-22 07:25:09", "ATU 2026-11-00 07:25:09",
      "ATU 2026-11-31 07:25:09", "ATU 2025-02-29 07:25:09", "ATU 2100-02-29 07:25:09",
      "ATU 0000-11-22 07:25:09", "ATU +026-11-22 07:25:09", "ATU 2026-11-22 07:25:09+1:00",
      "ATU 2026-11-22 07:25:09z", "ATU 2026-11-22 07:25:09+24:00", "ATU 2026-11-22 07:25:09+01:60",
      "ATU 2026-11-22 07:25:09+01:0", "ATU 2026-11-22 07:25:09+", "ATU 2026-11-22 07:25:09Z+00:00",
      "ATU 2026-11-22 07:25:09 Z", "ATU 2026-11-22 07:25:09+01:00:00", "ATU 2026-11-22 07:25:09+010",
      "ATU 2026-11-22 07:25:09,195112", "ATU 2026-11-22 07:25:09.-1",
      " ATU 2026-11-22 07:25:09", "ATU ２026-11-22 07:25", "ATU 2026-11-22 07:25:09.195112\0",
    ])
  func refused(text: String) {
    #expect(parsed(text) == nil)
  }

  @Test(
    "a zone may follow the time, and words may follow it",
    arguments: [
      ("Z", 0), ("+00:00", 0), ("-00:00", 0), ("+01:00", 3600), ("+0530", 19_800), ("-0930", -34_200),
      ("+23:59", 86_340), ("-2359", -86_340),
    ])
  func zones(zone: String, seconds: Int32) throws {
    for fraction in ["", ".195112"] {
      let heartbeat = try #require(parsed("ATU 2026-11-22 07:25:09\(fraction)\(zone) a=b"))
      #expect(heartbeat.stamp.utcOffset == seconds)
      #expect(heartbeat.time.secondsSinceEpochAsUTC == 1_795_332_309)
      #expect(heartbeat.attributes.count == 1)
    }
    #expect(try #require(parsed("ATU 2026-11-22 07:25:09")).stamp.utcOffset == nil)
  }

  @Test("leap days are days of leap years", arguments: [1600, 2000, 2024, 2400])
  func leapDays(year: Int) {
    #expect(parsed("ATU \(year)-02-29 00:00:00.5")?.time.day == 29)
  }

  @Test("words after the time are kept in their order, known or not, repeated or not")
  func attributes() throws {
    let heartbeat = try #require(
      parsed(#"ATU 2026-11-22 07:25:09.1 seq=17 a.b_c-9=x=y note="a \"b\" \\ c" seq=18 empty="" q=~!'"#))
    #expect(
      heartbeat.attributes == [
        .init(key: "seq", value: "17"), .init(key: "a.b_c-9", value: "x=y"),
        .init(key: "note", value: #"a "b" \ c"#), .init(key: "seq", value: "18"),
        .init(key: "empty", value: ""), .init(key: "q", value: "~!'"),
      ])
    #expect(heartbeat.time.microsecond == 100_000)
    #expect(parsed("ATU 2026-11-22T07:25:09 a=1")?.attributes == [.init(key: "a", value: "1")])
    #expect(parsed("ATU 2026-11-22 07:25:09 \(String(repeating: "k", count: 32))=1") != nil)
  }

  @Test(
    "words that break the rules make it no heartbeat",
    arguments: [
      "seq", "seq=", "=1", "Seq=1", "1seq=1", "a =1", "a=1 ", "a=1  b=2", "a=1\tb=2", "a=\"", "a=\"b",
      #"a="b\"#, #"a="b\n""#, #"a="b"c"#, #"a=b"c"#, #"a=b\c"#, "a=\"b\nc\"", "a=\u{7f}", "a=é", "a=\"é\"",
      "\(String(repeating: "k", count: 33))=1",
    ])
  func badWords(words: String) {
    #expect(parsed("ATU 2026-11-22 07:25:09.195112 " + words) == nil)
  }

  @Test("1000 bytes are a heartbeat, 1001 are not")
  func size() {
    let start = "ATU 2026-11-22 07:25:09.195112 a="
    let longest = start + String(repeating: "x", count: Heartbeat.largestSize - start.utf8.count)
    #expect(parsed(longest) != nil)
    #expect(parsed(longest + "x") == nil)
  }

  @Test("no bytes trap, the check agrees with the parser, and what is read is written back the same")
  func mutations() {
    var random = SeededRandom(testSeed: 7)
    let seeds = [
      "ATU 2026-11-22 07:25:09.195112", "ATU 2024-02-29T23:59:59",
      #"ATU 2026-11-22 07:25:09.195112 seq=17 note="a \"b\" \\" x=y"#,
    ].map { Array($0.utf8) }
    let alphabet = Array(#"ATU 0123456789-:.T"\=az_"#.utf8) + [0, 10, 127, 128, 255]
    var accepted = 0
    for _ in 0..<200_000 {
      var bytes = seeds[random.below(seeds.count)]
      for _ in 0...random.below(3) {
        let place = random.below(bytes.count + 1)
        switch random.below(4) {
        case 0: bytes.insert(alphabet[random.below(alphabet.count)], at: place)
        case 1 where place < bytes.count: bytes.remove(at: place)
        case 2: bytes.removeLast(min(place, bytes.count))
        default: if place < bytes.count { bytes[place] = alphabet[random.below(alphabet.count)] }
        }
      }
      let heartbeat = Heartbeat(bytes)
      guard bytes.withUnsafeBytes({ Heartbeat.matches($0) }) == (heartbeat != nil) else {
        Issue.record("matches and init disagree on \(bytes)")
        return
      }
      if let heartbeat {
        accepted += 1
        #expect(Heartbeat(Array(encoded(heartbeat.time).utf8))?.time == heartbeat.time)
      }
    }
    #expect(accepted > 1000)
  }
}
