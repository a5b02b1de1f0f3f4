// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import TestSupport
import Testing

@testable import Facts

@Suite("Facts")
struct FactsTests {
  private static let second: Int64 = 1_000_000_000
  private let address = IPAddress(family: .ipv4, high: 0, low: 7)

  private func name(_ text: String) throws -> HostName { try #require(HostName(text)) }

  private func id(_ word: String) throws -> Reading.ID { try #require(Reading.ID(word: word)) }

  /// A heartbeat as it stands on the wire after the time.
  private func hear(
    _ words: String, by facts: inout Facts, at seconds: Double, proof: Proof? = nil
  ) throws {
    let payload = Array("ATU 2026-11-30 00:00:00 \(words)".utf8)
    try payload.withUnsafeBytes { payload in
      let outline = try #require(Heartbeat.read(payload), "\(words)")
      facts.hear(
        payload, outline, from: address, proof: proof, .current, arrival: Int64(seconds * 1e9),
        interval: outline.said.map { $0.every > 0 ? $0.every : nil } ?? nil)
    }
  }

  /// `ups.status=OB good`, in the order of words.
  private func state(of host: String, in facts: Facts, at seconds: Double) throws -> [String] {
    facts.reports(of: try name(host), at: Int64(seconds * 1e9)).map {
      "\($0.id.word)=\($0.value) \($0.quality.rawValue)"
    }
  }

  /// What is told, as `ups.status=OB good`.
  private func told(_ facts: inout Facts, at seconds: Double) -> [String] {
    facts.takeChanges(at: Int64(seconds * 1e9), limit: 100).flatMap { host in
      host.changes.map { "\(host.host) \($0.id.word)=\($0.now.value) \($0.now.quality.rawValue)" }
    }
  }

  private var empty: Facts { Facts(capacity: 100, at: 0) }

  @Test("what a host says is known, and told once")
  func known() throws {
    var facts = empty
    try hear("host=a run=1 seq=1 every=1s state=1 ups.status=\"OB DISCHRG\" temp.in=24.5C", by: &facts, at: 1)
    #expect(facts.hasChanges)
    #expect(told(&facts, at: 1) == ["a temp.in=24.5C good", "a ups.status=OB DISCHRG good"])
    try hear("host=a run=1 seq=2 every=1s state=1 ups.status=\"OB DISCHRG\" temp.in=24.5C", by: &facts, at: 2)
    #expect(!facts.hasChanges)
    #expect(try state(of: "a", in: facts, at: 2) == ["temp.in=24.5C good", "ups.status=OB DISCHRG good"])
    try hear("host=a run=1 seq=3 every=1s state=2 ups.status=OL temp.in=24.5C", by: &facts, at: 3)
    #expect(told(&facts, at: 3) == ["a ups.status=OL good"])
    let reports = facts.reports(of: try name("a"), at: 3 * Self.second)
    #expect(reports.map(\.changed) == [Self.second, 3 * Self.second])
    #expect(reports.map(\.heard) == [3 * Self.second, 3 * Self.second])
  }

  @Test("a state that comes late changes nothing, and neither does the run before")
  func order() throws {
    var facts = empty
    try hear("host=a run=2 seq=9 every=1s state=5 ups.status=OL", by: &facts, at: 1)
    try hear("host=a run=2 seq=8 every=1s state=4 ups.status=OB", by: &facts, at: 1.1)
    try hear("host=a run=1 seq=99 every=1s state=70 ups.status=OB", by: &facts, at: 1.2)
    #expect(try state(of: "a", in: facts, at: 1.3) == ["ups.status=OL good"])
    // A restart counts its changes anew.
    try hear("host=a run=3 seq=1 every=1s state=1 ups.status=OB", by: &facts, at: 2)
    #expect(try state(of: "a", in: facts, at: 2) == ["ups.status=OB good"])
  }

  @Test("a late copy of the state before does not count even after five beats")
  func orderAfterSilence() throws {
    var facts = empty
    try hear("host=a run=2 seq=9 every=1s state=5 ups.status=OL", by: &facts, at: 1)
    try hear("host=a run=2 seq=8 every=1s state=4 ups.status=OB", by: &facts, at: 30)
    #expect(try state(of: "a", in: facts, at: 30) == ["ups.status=OL stale"])
  }

  @Test("a host that is not heard for five beats has stale readings, at the very time, until it is heard")
  func stale() throws {
    var facts = empty
    try hear("host=a run=1 seq=1 every=2s state=1 ups.status=OL", by: &facts, at: 1)
    _ = told(&facts, at: 1)
    #expect(facts.nextDeadline == 11 * Self.second + 1)
    #expect(try state(of: "a", in: facts, at: 11) == ["ups.status=OL good"])
    #expect(told(&facts, at: 11) == [])
    #expect(told(&facts, at: 11.1) == ["a ups.status=OL stale"])
    #expect(try state(of: "a", in: facts, at: 12) == ["ups.status=OL stale"])
    try hear("host=a run=1 seq=9 every=2s state=1 ups.status=OL", by: &facts, at: 20)
    #expect(told(&facts, at: 20) == ["a ups.status=OL good"])
    #expect(facts.nextDeadline == 30 * Self.second + 1)
  }

  @Test("a host that beats faster than before is stale as much sooner")
  func faster() throws {
    var facts = empty
    try hear("host=a run=1 seq=1 every=1s state=1 ups.status=OL", by: &facts, at: 1)
    _ = told(&facts, at: 1)
    try hear("host=a run=1 seq=2 every=100ms state=1 ups.status=OL", by: &facts, at: 2)
    #expect(facts.nextDeadline.map { $0 <= Int64(2.5e9) + 1 } == true || facts.hasChanges)
    #expect(told(&facts, at: 2.6) == ["a ups.status=OL stale"])
  }

  @Test("? is unknown, and so is what is not said any more, which is then forgotten")
  func unknown() throws {
    var facts = empty
    try hear("host=a run=1 seq=1 every=1s state=1 ups.status=OL temp.in=20C", by: &facts, at: 1)
    _ = told(&facts, at: 1)
    try hear("host=a run=1 seq=2 every=1s state=2 ups.status=?", by: &facts, at: 2)
    let changes = facts.takeChanges(at: 2 * Self.second, limit: 10).flatMap(\.changes)
    #expect(changes.map(\.now.reason) == [.gone, .said])
    #expect(changes.map(\.isGone) == [true, false])
    #expect(try state(of: "a", in: facts, at: 2) == ["ups.status=? unknown"])
    try hear("host=a run=1 seq=3 every=1s state=3", by: &facts, at: 3)
    #expect(told(&facts, at: 3) == ["a ups.status=? unknown"])
    #expect(facts.names.isEmpty && facts.hostCount == 1)
    // While it is a peer an earlier state may be on its way, or be sent again.
    #expect(facts.nextDeadline.map { $0 <= 8 * Self.second + 1 } == true)
    #expect(told(&facts, at: 8.1) == [])
    #expect(facts.hostCount == 1 && facts.nextDeadline == nil)
    facts.forget(at: 9 * Self.second) { _ in true }
    #expect(facts.hostCount == 1)
    facts.forget(at: 9 * Self.second) { _ in false }
    #expect(told(&facts, at: 9) == [] && facts.hostCount == 0)
  }

  @Test("an earlier state that comes after its host said nothing any more does not count")
  func orderAfterNothing() throws {
    var facts = empty
    try hear("host=a run=1 seq=1 every=1s state=1 ups.status=OL", by: &facts, at: 1)
    try hear("host=a run=1 seq=3 every=1s state=2", by: &facts, at: 1.2)
    #expect(told(&facts, at: 1.2) == [])
    try hear("host=a run=1 seq=2 every=1s state=1 ups.status=OL", by: &facts, at: 1.3)
    #expect(try state(of: "a", in: facts, at: 1.3) == [])
    try hear("host=a run=1 seq=4 every=1s state=3 ups.status=OB", by: &facts, at: 2)
    #expect(told(&facts, at: 2) == ["a ups.status=OB good"])
  }

  @Test("a drill stands beside the true reading, and ends with its host")
  func drill() throws {
    var facts = empty
    try hear(
      "host=a run=1 seq=1 every=1s state=1 ups.status=OL test.ups.status=OB", by: &facts, at: 1)
    #expect(told(&facts, at: 1) == ["a test.ups.status=OB drill", "a ups.status=OL good"])
    #expect(try state(of: "a", in: facts, at: 9) == ["ups.status=OL stale"])
    #expect(told(&facts, at: 9) == ["a test.ups.status=? unknown", "a ups.status=OL stale"])
    try hear(
      "host=a run=1 seq=2 every=1s state=1 ups.status=OL test.ups.status=OB", by: &facts, at: 10)
    #expect(told(&facts, at: 10) == ["a test.ups.status=OB drill", "a ups.status=OL good"])
  }

  @Test("a host that is heard again and says nothing has no reading that is good")
  func silentAgain() throws {
    var facts = empty
    try hear("host=a run=1 seq=1 every=1s state=1 ups.status=OL", by: &facts, at: 1)
    #expect(told(&facts, at: 1) == ["a ups.status=OL good"])
    #expect(told(&facts, at: 9) == ["a ups.status=OL stale"])
    try hear("host=a run=2 seq=1 every=1s", by: &facts, at: 10)
    #expect(try state(of: "a", in: facts, at: 10) == [])
    #expect(told(&facts, at: 10) == ["a ups.status=? unknown"])
    #expect(facts.names.isEmpty)
  }

  @Test("what is not authentic is marked, and never takes the place of what is")
  func authenticity() throws {
    var facts = empty
    try hear("host=a run=1 seq=1 every=1s state=1 ups.status=OL", by: &facts, at: 1, proof: .bad)
    #expect(try state(of: "a", in: facts, at: 1) == ["ups.status=OL unauthenticated"])
    // Whatever its numbers.
    try hear("host=a run=1 seq=1 every=1s state=1 ups.status=OB", by: &facts, at: 2, proof: .ok)
    #expect(try state(of: "a", in: facts, at: 2) == ["ups.status=OB good"])
    try hear("host=a run=9 seq=9 every=1s state=9 ups.status=OL", by: &facts, at: 3, proof: Proof.none)
    #expect(try state(of: "a", in: facts, at: 3) == ["ups.status=OB good"])
    // Once it is not heard any more another one may be all there is, and is marked.
    try hear("host=a run=9 seq=9 every=1s state=9 ups.status=OL", by: &facts, at: 9, proof: Proof.none)
    #expect(try state(of: "a", in: facts, at: 9) == ["ups.status=OL unauthenticated"])
  }

  @Test("a host with a key is known at once where several without one used its name")
  func authenticAfterForged() throws {
    var facts = empty
    try hear("host=a run=3 seq=1 every=1s state=1 ups.status=OB", by: &facts, at: 1, proof: .bad)
    try hear("host=a run=2 seq=1 every=1s state=1 ups.status=OB", by: &facts, at: 3, proof: Proof.none)
    #expect(try state(of: "a", in: facts, at: 3) == ["ups.status=? unknown"])
    try hear("host=a run=3 seq=2 every=1s state=2 ups.status=OL", by: &facts, at: 4, proof: .ok)
    #expect(try state(of: "a", in: facts, at: 4) == ["ups.status=OL good"])
  }

  @Test("where two senders use a name nothing is known, until one of them is alone for five beats")
  func namesakes() throws {
    var facts = empty
    for beat in 1...3 {
      try hear("host=a run=5 seq=\(beat) every=1s state=1 ups.status=OL", by: &facts, at: Double(beat))
      try hear("host=a run=4 seq=\(beat) every=1s state=1 ups.status=OB", by: &facts, at: Double(beat) + 0.5)
    }
    #expect(try state(of: "a", in: facts, at: 3.6) == ["ups.status=? unknown"])
    for beat in 4...9 {
      try hear("host=a run=5 seq=\(beat) every=1s state=1 ups.status=OL", by: &facts, at: Double(beat))
    }
    #expect(try state(of: "a", in: facts, at: 9) == ["ups.status=OL good"])
    #expect(told(&facts, at: 9) == ["a ups.status=OL good"])
  }

  @Test("where the other one beats more slowly, nothing is known until it has missed five beats")
  func slowNamesake() throws {
    var facts = empty
    for beat in 1...15 {
      try hear(
        "host=a run=5 seq=\(beat) every=200ms state=1 ups.status=OL", by: &facts, at: 0.2 * Double(beat))
    }
    try hear("host=a run=4 seq=1 every=2s state=1 ups.status=OB", by: &facts, at: 3)
    for beat in 16...66 {
      let time = 0.2 * Double(beat)
      try hear("host=a run=5 seq=\(beat) every=200ms state=1 ups.status=OL", by: &facts, at: time)
      let expected = time <= 13 ? "ups.status=? unknown" : "ups.status=OL good"
      #expect(try state(of: "a", in: facts, at: time) == [expected], "\(time)")
    }
    #expect(told(&facts, at: 13.2) == ["a ups.status=OL good"])
  }

  @Test("a new run of a host whose name was used twice is told as known at once")
  func namesakeGone() throws {
    var facts = empty
    try hear("host=a run=5 seq=1 every=1s state=1 ups.status=OL", by: &facts, at: 1)
    try hear("host=a run=4 seq=1 every=1s state=1 ups.status=OL", by: &facts, at: 3)
    #expect(told(&facts, at: 3) == ["a ups.status=? unknown"])
    try hear("host=a run=6 seq=1 every=1s state=1 ups.status=OL", by: &facts, at: 4)
    #expect(told(&facts, at: 4) == ["a ups.status=OL good"])
  }

  @Test("a host whose clock was set back is believed once its run before is not heard any more")
  func clockSetBack() throws {
    var facts = empty
    try hear("host=a run=5 seq=1 every=1s state=9 ups.status=OB", by: &facts, at: 1)
    try hear("host=a run=4 seq=1 every=1s state=1 ups.status=OL", by: &facts, at: 3)
    #expect(try state(of: "a", in: facts, at: 3) == ["ups.status=? unknown"])
    try hear("host=a run=4 seq=4 every=1s state=1 ups.status=OL", by: &facts, at: 6.5)
    #expect(try state(of: "a", in: facts, at: 6.5) == ["ups.status=OL good"])
  }

  @Test("this host's own readings are never stale, and unknown where another one has its name")
  func own() throws {
    var facts = empty
    let readings = [Reading(try id("ups.status"), try #require(ReadingValue("OL")))]
    facts.say(readings, as: try name("me"), at: 0)
    #expect(told(&facts, at: 1) == ["me ups.status=OL good"])
    #expect(try state(of: "me", in: facts, at: 1e6) == ["ups.status=OL good"])
    try hear("host=me run=1 seq=1 every=1s", by: &facts, at: 10)
    #expect(told(&facts, at: 10) == ["me ups.status=? unknown"])
    #expect(told(&facts, at: 16) == ["me ups.status=OL good"])
    facts.say(readings, as: try name("you"), at: 20 * Self.second)
    #expect(told(&facts, at: 20) == ["me ups.status=? unknown", "you ups.status=OL good"])
    facts.say([], as: nil, at: 21 * Self.second)
    #expect(told(&facts, at: 21) == ["you ups.status=? unknown"])
    #expect(facts.names.isEmpty)
  }

  @Test("what another host said under this host's name is told as what it is not any more")
  func ownNameOfAnother() throws {
    var facts = empty
    try hear("host=me run=1 seq=1 every=1h state=1 ups.status=OB x.y=1", by: &facts, at: 1, proof: .bad)
    #expect(told(&facts, at: 1) == ["me ups.status=OB unauthenticated", "me x.y=1 unauthenticated"])
    facts.say([Reading(try id("ups.status"), try #require(ReadingValue("OL")))], as: try name("me"), at: 2)
    let changes = facts.takeChanges(at: 2, limit: 10).flatMap(\.changes)
    #expect(changes.map(\.before?.value.text) == ["OB", "1"])
    #expect(changes.map(\.now.quality) == [.good, .unknown])
    #expect(changes.map(\.isGone) == [false, true])
    #expect(try state(of: "me", in: facts, at: 1e6) == ["ups.status=OL good"])
  }

  @Test("what is not authentic, where that is asked, does not make this host's own readings unknown")
  func ownForged() throws {
    var facts = empty
    facts.say([Reading(try id("ups.status"), try #require(ReadingValue("OL")))], as: try name("me"), at: 0)
    for proof in [Proof.none, .bad, .replayed] {
      try hear("host=me run=1 seq=1 every=1s ups.status=OB", by: &facts, at: 10, proof: proof)
      #expect(try state(of: "me", in: facts, at: 10) == ["ups.status=OL good"])
    }
    try hear("host=me run=1 seq=1 every=1s ups.status=OB", by: &facts, at: 10, proof: .ok)
    #expect(try state(of: "me", in: facts, at: 10) == ["ups.status=? unknown"])
  }

  @Test("this host's own heartbeats that somebody sends again are not another sender's")
  func ownAgain() throws {
    var facts = empty
    let readings = [Reading(try id("ups.status"), try #require(ReadingValue("OL")))]
    facts.say(readings, as: try name("me"), runs: [7, 5], at: 0)
    for run in [7, 5] {
      try hear("host=me run=\(run) seq=1 every=1s state=1 ups.status=OL", by: &facts, at: 1, proof: .ok)
      #expect(try state(of: "me", in: facts, at: 1) == ["ups.status=OL good"])
    }
    try hear("host=me run=8 seq=1 every=1s state=1 ups.status=OL", by: &facts, at: 2, proof: .ok)
    #expect(try state(of: "me", in: facts, at: 2) == ["ups.status=? unknown"])
  }

  // MARK: Bounds

  @Test("there are at most as many hosts as peers, and 64 readings of each")
  func bounds() throws {
    var facts = Facts(capacity: 3, at: 0)
    let words = (0..<70).map { "k.\($0)=1" }.joined(separator: " ")
    for host in 0..<5 { try hear("host=h\(host) run=1 seq=1 every=1s state=1 \(words)", by: &facts, at: 1) }
    #expect(facts.hostCount == 3)
    #expect(try state(of: "h0", in: facts, at: 1).count == 64)
    facts.forget(at: 9 * Self.second) { $0.description != "h1" }
    _ = told(&facts, at: 9)
    #expect(facts.hostCount == 2)
    facts.resize(1, at: 9 * Self.second)
    _ = told(&facts, at: 9)
    #expect(facts.hostCount == 1)
  }

  @Test("a host that says something else all the time is read a bounded number of times, and gets stale")
  func flood() throws {
    var facts = empty
    for beat in 1...20_000 {
      try hear(
        "host=a run=1 seq=\(beat) every=1s state=\(beat) ups.load=\(beat)", by: &facts,
        at: 1 + Double(beat) / 20_000)
    }
    let last = try #require(facts.reports(of: try name("a"), at: 2 * Self.second).first)
    #expect(Int(last.value.text).map { $0 < 20_000 } == true)
    #expect(last.changed < 2 * Self.second)
    try hear("host=a run=1 seq=20001 every=1s state=20001 ups.load=7", by: &facts, at: 3)
    #expect(try state(of: "a", in: facts, at: 3) == ["ups.load=7 good"])
  }
}
