// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Platform

/// mcastd's own words, written and read.
struct AnnouncementTests {
  private static let stamp = "ATU 2026-11-22 07:25:09.195112"

  private func read(_ words: String) throws -> Heartbeat.Outline {
    try #require(Array((Self.stamp + words).utf8).withUnsafeBytes { Heartbeat.read($0) })
  }

  private func said(_ words: String) throws -> Announcement { try read(words).said ?? Announcement() }

  private func composed(_ said: Announcement?, utcOffset: Int32? = nil) throws -> String {
    var composer = HeartbeatComposer()
    let time = try read("").stamp.time
    composer.compose(.latest, Announcement(), utcOffset: 0)
    composer.compose(time, said, utcOffset: utcOffset)
    return String(decoding: composer.bytes, as: UTF8.self)
  }

  @Test("words are written in their order, and nothing where nothing is said")
  func written() throws {
    #expect(try composed(nil) == Self.stamp)
    var said = Announcement()
    said.isGoodbye = true
    #expect(try composed(said) == Self.stamp + " bye=stop")
    (said.host, said.run, said.sequence, said.every) = ("ups1", 0x19a_b34c_d012, 17, 1_000_000_000)
    #expect(
      try composed(said, utcOffset: 3600)
        == Self.stamp + " host=ups1 run=19ab34cd012 seq=17 every=1s z=+0100 bye=stop")
    said.isGoodbye = false
    (said.via, said.every) = (2, 250_000_000)
    #expect(
      try composed(said, utcOffset: -12_600)
        == Self.stamp + " host=ups1 run=19ab34cd012 seq=17 via=2 every=250ms z=-0330")
    #expect(try composed(said, utcOffset: 0).hasSuffix(" z=+0000"))
  }

  @Test("what is written is read, whatever is said", arguments: 1...5)
  func roundTrip(seed: Int) throws {
    var random = SeededRandom(testSeed: UInt64(seed))
    let names: [HostName?] = [nil, "a", "7", "UPS1.example.org", HostName(String(repeating: "n", count: 63))]
    for _ in 0..<2000 {
      var said = Announcement()
      said.host = names[random.below(names.count)]
      said.run = [0, 1, .max, random.next()][random.below(4)]
      said.sequence = [0, 1, .max, random.next()][random.below(4)]
      said.via = UInt8(1 + random.below(Announcement.mostInterfaces))
      let longest = UInt64(HeartbeatInterval.range.upperBound / 1_000_000)
      said.every = [0, 10_000_000, Int64(10 + random.next() % (longest - 9)) * 1_000_000][random.below(3)]
      said.isGoodbye = random.chance(0.5)
      let offset = [nil, 0, 20_700, -34_200][random.below(4)] as Int32?
      let text = try composed(said, utcOffset: offset)
      let reading = try read(String(text.dropFirst(Self.stamp.count)))
      #expect((reading.said ?? Announcement()) == said && reading.stamp.utcOffset == offset, "\(text)")
      #expect(Heartbeat(Array(text.utf8))?.stamp == reading.stamp)
    }
  }

  @Test("a plain heartbeat says nothing, nor does one with readings only")
  func plain() throws {
    #expect(try read("").said == nil)
    #expect(try read(" ups.status=\"OB DISCHRG\" unknown=1 hostile=1 hos=1").said == nil)
  }

  @Test(
    "a word that says nothing understandable counts as absent, and the heartbeat stands",
    arguments: [
      "host=-ups", "host=\"\"", "host=ups_1", "host=10.0.0.5", "host=a/b",
      "host=" + String(repeating: "a", count: 64),
      "run=xyz", "run=1FF", "run=11111111111111111", "run=-1", "seq=", "seq=1.5", "seq=99999999999999999999",
      "seq=0x1", "every=1", "every=9ms", "every=2h", "every=s", "every=1.5s", "every=99999999999999999999h",
      "every=-1s", "via=0", "via=65", "via=x", "bye=\"\"", "z=0100", "z=+2400", "z=+01", "z=+01000",
    ].filter { !$0.hasSuffix("=") })
  func notUnderstood(word: String) throws {
    let reading = try read(" " + word)
    #expect((reading.said ?? Announcement()) == Announcement() && reading.stamp.utcOffset == nil)
  }

  @Test("of a repeated word the first counts, also where it is not understood")
  func repeated() throws {
    #expect(try said(" host=a host=b seq=1 seq=2").host == "a")
    #expect(try said(" seq=1 seq=2").sequence == 1)
    #expect(try said(" seq=x seq=2").sequence == 0)
  }

  @Test("the zone of a word is the one of the time, unless that names its own")
  func zones() throws {
    #expect(try read(" z=+0100").stamp.utcOffset == 3600)
    #expect(try read("Z z=+0100").stamp.utcOffset == 0)
  }

  @Test("names are told apart, hashed alike where they are equal, and given back as they were")
  func names() throws {
    let texts = ["a", "b", "aa", "A", "ups1", "ups10", "0123456789abcdef", "0123456789abcdefg", "a.b-c.D"]
    let names = try texts.map { try #require(HostName($0)) }
    #expect(Set(names).count == texts.count && names.map(\.description) == texts)
    #expect(names.map(\.hashValue) == texts.map { HostName($0)?.hashValue })
    for name in names { #expect(name.withUTF8 { Array($0) } == Array("\(name)".utf8)) }
    for text in ["", "-a", ".a", "a b", "a\u{0}b", "10.0.0.5", "1.2.3.4", "a=b", "a\n", "ü"] {
      #expect(HostName(text) == nil, "\(text)")
    }
  }
}
