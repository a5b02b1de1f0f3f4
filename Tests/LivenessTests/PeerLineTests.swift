// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Platform

struct PeerLineTests {
  private typealias Entry = PeerSnapshot<PeerID>.Entry

  /// Puts random numbers into all fields, the least and the greatest of their types among them.
  private struct Randomising: FieldCoder {
    var format: UInt8 { 3 }
    var random: SeededRandom

    mutating func code<Number: FixedWidthInteger>(_ number: inout Number) {
      number = [.min, .max, 0, Number(truncatingIfNeeded: random.next())][random.below(4)]
    }

    mutating func code(_ name: inout HostName?) {
      name =
        [nil, "a", "ups1.example.org", "n123456789.123456789.123456789.123456789.123456789.123456789.12"][
          random.below(4)]
    }

    mutating func refuse() {}
  }

  private static let addresses = ["0.0.0.0", "10.0.0.1", "255.255.255.255", "::", "fe80::1", "ff02::f:f"]

  private func randomEntry(_ random: inout Randomising) throws -> Entry {
    let beat = HeartbeatArrival(arrival: 1, payload: 2, wallClock: 3, port: 4)
    var peer = Peer(beat, gap: 0, listening: 0)
    peer.code(with: &random)
    let address = try #require(IPAddress(Self.addresses[random.random.below(Self.addresses.count)]))
    var name: HostName?
    random.code(&name)
    return Entry(
      id: PeerID(
        name.map { .name($0) } ?? .address(address), interface: Int32(random.random.below(1000)),
        via: UInt8(1 + random.random.below(3))), peer: peer,
      reported: [nil, 0, 3][random.random.below(3)])
  }

  private func written(_ entry: Entry) -> [UInt8] {
    var bytes: [UInt8] = []
    PeerLine.append(entry, to: &bytes)
    return bytes.dropLast()
  }

  private func read(_ line: [UInt8]) -> Entry? { line.withUnsafeBytes { PeerLine.read($0) } }

  @Test("what is written is read, up to the least and greatest numbers", arguments: 1...5)
  func roundTrip(seed: Int) throws {
    var random = Randomising(random: SeededRandom(testSeed: UInt64(seed)))
    for _ in 0..<500 {
      let entry = try randomEntry(&random)
      let same = try #require(read(written(entry)))
      #expect(same.id == entry.id && same.peer == entry.peer && same.reported == entry.reported)
    }
  }

  @Test("no field that JSON has is missing in a line")
  func complete() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var peer = Peer(HeartbeatArrival(arrival: 1, payload: 2, wallClock: 3, port: 4), gap: 0, listening: 0)
    peer.noteOther(at: 5)
    // Each number is another one, and no flag as it is at first.
    var next = 100
    let text = String(decoding: try encoder.encode(peer), as: UTF8.self)
      .replacing(/-?[0-9]+(?=[,}\]])/) { _ in
        next += 1
        return "\(next)"
      }.replacing("false", with: "true").replacing("alive", with: "silent")
      // Of a window the highest number was seen.
      .replacing(/"seen":[0-9]+/, with: "\"seen\":99")
    #expect(next > 140)
    var other = try JSONDecoder().decode(Peer.self, from: Data(text.utf8))
    // What is of one process only.
    (other.armed, other.isExpected) = (.max, false)
    let entry = Entry(id: PeerID(address: .unspecified(.ipv6), interface: 7), peer: other, reported: 2)
    #expect(read(written(entry))?.peer == other)
  }

  @Test("a line that is cut off, too long or has something else in it is none")
  func damaged() throws {
    var random = Randomising(random: SeededRandom(testSeed: 1))
    var entry = try randomEntry(&random)
    // In a name some other bytes are good as well.
    entry.id = PeerID(address: .unspecified(.ipv6), interface: 3)
    let line = written(entry)
    #expect(read(line) != nil)
    for length in 0..<line.count { #expect(read(Array(line[..<length])) == nil) }
    #expect(read(line + Array("0 ".utf8)) == nil && read(line + Array(" ".utf8)) == nil)
    for place in line.indices {
      for byte in "x+.\n\0{\u{7f}".utf8 {
        var other = line
        other[place] = byte
        #expect(read(other) == nil)
      }
    }
  }

  @Test(
    "a number that its field cannot hold is refused, and so is another format",
    arguments: [
      (0, "1"), (0, "2"), (0, "4"), (1, "2147483648"), (2, "0"), (2, "65"), (3, "a/b"), (3, "10.0.0.1"),
      (4, "5"),
      (5, "1"), (6, "4294967296"), (6, "18446744073709551616"), (6, "-1"), (7, "256"), (8, "5"), (9, "2"),
      (11, "9223372036854775808"), (11, "-9223372036854775809"), (11, "-"),
      (11, "99999999999999999999999999"),
    ])
  func hostile(field: Int, number: String) throws {
    var random = Randomising(random: SeededRandom(seed: 1))
    var entry = try randomEntry(&random)
    entry.id = PeerID(address: try #require(IPAddress("10.0.0.1")), interface: 0)
    var numbers = String(decoding: written(entry), as: UTF8.self).split(separator: " ").map(String.init)
    #expect(read(Array((numbers.joined(separator: " ") + " ").utf8)) != nil)
    numbers[field] = number
    #expect(read(Array((numbers.joined(separator: " ") + " ").utf8)) == nil)
  }

  @Test("a line of the format before is read, of a peer of which no loss is known")
  func formatBefore() throws {
    var random = Randomising(random: SeededRandom(testSeed: 2))
    let entry = try randomEntry(&random)
    var words = String(decoding: written(entry), as: UTF8.self).split(separator: " ").map(String.init)
    // 16 numbers of losses, the jitter, the missed beats, and the last silence.
    words.removeLast(20)
    words[0] = "2"
    let same = try #require(read(Array((words.joined(separator: " ") + " ").utf8)))
    #expect(same.id == entry.id && same.peer.tolerance == Tolerance() && same.peer != entry.peer)
    #expect(same.peer.beats == entry.peer.beats && same.peer.address == entry.peer.address)
  }

  @Test(
    "a peer whose stored losses, jitter or missed beats could not be true is left out",
    arguments: [
      (-3, "5", true), (-3, "2", false), (-3, "16", false), (-4, "4294967295", false), (-20, "9", false),
    ])
  func implausible(fromEnd: Int, number: String, isGood: Bool) throws {
    let beat = HeartbeatArrival(arrival: 1000, payload: 2, wallClock: 3, port: 4)
    let id = PeerID(address: try #require(IPAddress("10.0.0.1")), interface: 0)
    let peer = Peer(beat, gap: 0, listening: 1000)
    var words = String(decoding: written(Entry(id: id, peer: peer, reported: nil)), as: UTF8.self)
      .split(separator: " ").map(String.init)
    // The 16 numbers of losses, the jitter, the missed beats, and two of the last silence. Of 0 beats none is
    // the third of a run.
    words[words.count + fromEnd] = number
    if fromEnd == -20 { words[words.count - 16] = "1" }
    let entry = try #require(read(Array((words.joined(separator: " ") + " ").utf8)))
    let resumed = entry.peer.resumed(takenAt: 2000, readingThen: 2000, listening: 2000, isComplete: true)
    #expect((resumed != nil) == isGood)
  }

  @Test("a line of JSON is told from one of numbers by its first byte")
  func kinds() {
    for (text, isOne) in [("1 2 ", true), ("{}", false), ("", false), ("-1", false), (" 1", false)] {
      #expect(Array(text.utf8).withUnsafeBytes { PeerLine.isOne($0) } == isOne, "\(text)")
    }
  }
}
