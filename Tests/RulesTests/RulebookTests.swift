// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform
import TestSupport
import Testing

@testable import Rules
@testable import Simulation

struct RulebookTests {
  private static let isOut = "when=any of ups1: ups.status has OB\nfor=2s\nrelease-for=1s"

  // MARK: Hosts

  @Test("a state is entered when it is time, whether anybody says anything or not")
  func entered() throws {
    var listener = try Listener(["out": Self.isOut])
    listener.hear("ups1", "ups.status=OB", at: 1.25)
    #expect(listener.heard.book.nextDeadline == 1_250_000_000)
    #expect(listener.transitions(through: 3.249) == ["1.25 out pending"])
    #expect(listener.heard.book.nextDeadline == 3_250_000_000)
    #expect(listener.transitions(through: 4) == ["3.25 out active"])
    // Until it is stale.
    #expect(listener.transitions(through: 10) == ["6.25 out releasing", "7.25 out inactive"])
    #expect(listener.heard.book.nextDeadline == nil)
  }

  @Test("hosts of a pattern count from when they say something, until nothing is known of them")
  func patterns() throws {
    var listener = try Listener(["hot": "when=any of rack*,ups1: temp.inlet > 30C\nfor=0s"])
    #expect(listener.results == [.perhaps])
    listener.hear("ups1", "temp.inlet=20C", at: 1)
    #expect(listener.results == [.perhaps])
    listener.hear("rack1", "temp.inlet=20C", at: 1)
    #expect(listener.results == [.no])
    listener.hear("other", "temp.inlet=40C", at: 1)
    listener.hear("rack2", "temp.inlet=40C", at: 2)
    #expect(listener.hosts == [["ups1", "rack1", "rack2"]])
    #expect(listener.transitions(through: 2) == ["2 hot active"])
    // Silent: unknown, and counted.
    listener.hear("ups1", at: 7)
    listener.hear("rack1", at: 7)
    listener.advance(through: 8)
    #expect(listener.results == [.perhaps])
    #expect(listener.hosts == [["ups1", "rack1", "rack2"]])
    // Forgotten: not counted.
    listener.forgetSilent(at: 8)
    #expect(listener.hosts == [["ups1", "rack1"]])
    #expect(listener.results == [.no])
    listener.hear("rack2", "temp.inlet=41C", at: 9)
    #expect(listener.results == [.yes])
  }

  @Test("a thousand hosts that came and went do not add up")
  func comers() throws {
    var listener = try Listener(["hot": "when=any of rack*: temp.inlet > 30C\nfor=0s"])
    for number in 0..<6000 {
      let second = Double(number)
      listener.hear("rack\(number)", "temp.inlet=20C", at: second)
      listener.advance(through: second)
      listener.forgetSilent(at: second)
    }
    #expect(listener.hosts[0].count < 10)
    #expect(listener.heard.book.hosts.count < 3000)
  }

  @Test("whether a host is there is asked as well, of named ones and of those of a pattern")
  func peers() throws {
    var listener = try Listener([
      "gone": "when=any of rack*: peer = silent\nwhen=all of ups1: peer != left\nfor=0s\nrelease-for=0s"
    ])
    #expect(listener.results == [.perhaps, .perhaps])
    listener.notePeer("rack1", PeerFinding(.alive, proof: .ok), at: 1)
    listener.notePeer("ups1", PeerFinding(.late, proof: .ok), at: 1)
    #expect(listener.results == [.no, .yes])
    listener.notePeer("rack1", PeerFinding(.silent, proof: .ok), at: 2)
    #expect(listener.transitions(through: 2) == ["2 gone active"])
    listener.notePeer("rack1", PeerFinding(nil, proof: .ok), at: 3)
    #expect(listener.results == [.perhaps, .yes])
    // Forgotten.
    listener.notePeer("rack1", nil, at: 3)
    #expect(listener.hosts[0].isEmpty)
    listener.notePeer("rack1", PeerFinding(.silent, proof: Proof.none), at: 3)
    #expect(listener.results == [.perhaps, .yes])
    listener.notePeer("rack1", PeerFinding(.silent, proof: .ok, isContested: true), at: 3)
    #expect(listener.results == [.perhaps, .yes])
  }

  @Test("this host is always there, and what it says is never stale")
  func own() throws {
    var listener = try Listener([
      "own": "when=x.y = z\nwhen=any of me: peer = alive\nwhen=all of me: x.y has z\nfor=0s"
    ])
    #expect(listener.results == [.perhaps, .yes, .perhaps])
    listener.say("x.y", "z", at: 1)
    listener.advance(through: 10_000)
    #expect(listener.results == [.yes, .yes, .yes])
    listener.say("x.y", nil, at: 10_001)
    #expect(listener.results == [.perhaps, .yes, .perhaps])
  }

  @Test("this host is one of a pattern, where hosts are asked for as where readings are")
  func ownOfPattern() throws {
    var listener = try Listener(["x": "when=any of m*: peer = silent\nwhen=any of m*: x.y = z"])
    #expect(listener.results == [.no, .perhaps])
    listener.say("x.y", "z", at: 1)
    #expect(listener.results == [.no, .yes])
    #expect(listener.hosts == [["me"], ["me"]])
  }

  // MARK: What counts

  @Test("what is asked of who signs is unknown of others, from the first heartbeat on that is not signed")
  func signed() throws {
    var listener = try Listener([
      "signed": "when=any of a: x.y = z\nauthenticated=signed\nfor=0s\nrelease-for=0s"
    ])
    listener.hear("a", "x.y=z", proof: .ok, at: 1)
    #expect(listener.results == [.perhaps])
    listener.hear("a", proof: .signed, at: 2)
    #expect(listener.results == [.yes])
    #expect(listener.transitions(through: 2) == ["2 signed active"])
    listener.hear("a", proof: .ok, at: 3)
    #expect(listener.results == [.perhaps])
  }

  @Test("two senders of a name are believed none of them")
  func contested() throws {
    var listener = try Listener(["x": "when=any of a: x.y = z\nfor=0s\nrelease-for=0s"])
    var other = ReadingsSenderOfRun("a", run: 2)
    listener.hear("a", "x.y=z", at: 1)
    #expect(listener.results == [.yes])
    // Of a later run, then of the earlier one again, longer after than datagrams are on their way.
    listener.heard.hear(other.beat("x.y=z"), proof: .ok, at: 2_000_000_000)
    #expect(listener.results == [.yes])
    listener.hear("a", at: 3.5)
    #expect(listener.results == [.perhaps])
    // For five beats.
    for second in 3...8 {
      listener.heard.hear(other.beat("x.y=z"), proof: .ok, at: .seconds(Int64(second)) + 500_000_000)
    }
    listener.advance(through: 8.5)
    #expect(listener.results == [.perhaps])
    listener.advance(through: 8.6)
    #expect(listener.results == [.yes])
  }

  @Test("a host that is too old for a rule counts from the next heartbeat on, though it says the same")
  func heardAgain() throws {
    var listener = try Listener(["x": "when=any of a: x.y = z\nfresh=2s\nfor=0s\nrelease-for=0s"])
    listener.hear("a", "x.y=z", at: 1)
    #expect(listener.transitions(through: 4) == ["1 x active", "3 x inactive"])
    listener.hear("a", at: 5)
    #expect(listener.results == [.yes])
    #expect(listener.transitions(through: 5) == ["5 x active"])
    // And is awaited no more.
    #expect(!listener.heard.book.awaits("a"))
  }

  @Test("what a host said once does not count as said again")
  func stale() throws {
    var listener = try Listener(["x": "when=any of a: x.y = z\nfor=3s"])
    for second in [1.0, 2, 6.9, 11.9] { listener.hear("a", "x.y=z", at: second) }
    #expect(listener.transitions(through: 16) == ["1 x pending", "4 x active"])
    #expect(listener.transitions(through: 17) == ["16.9 x releasing"])
  }

  @Test("a host that is there and says nothing is told from one that was never heard")
  func reasons() throws {
    var listener = try Listener(["x": "when=all of there,gone: x.y = z\nwhen=x.y = z"])
    listener.heard.evidence.peers["there"] = PeerFinding(.alive)
    listener.heard.evidence.peers["gone"] = PeerFinding(.silent)
    let lines = listener.heard.book.reports(listener.heard.evidence).first?.lines ?? []
    #expect(lines.map { $0.hosts.map(\.finding.reason) } == [[.notSaid, .neverHeard], [.notSaid]])
  }

  // MARK: Beginning and end

  @Test("parts of the reports have each rule once, at least one each, and end")
  func parts() throws {
    let listener = try Listener([
      "a": "when=all of h1,h2,h3: x.y = z", "b": "when=x.y = z",
      "c": "when=all of h1: x.y = z\nuntil=x.y = w",
      "d": "when=x.y = z",
    ])
    var (parts, place): ([[String]], Int?) = ([], 0)
    while let from = place {
      let (reports, rest) = listener.heard.book.reports(from: from, limit: 3, listener.heard.evidence)
      parts.append(reports.map { "\($0.rule.name)" })
      place = rest
    }
    #expect(parts == [["a"], ["b", "c"], ["d"]])
    #expect(listener.heard.book.reports(from: 4, limit: 3, listener.heard.evidence).reports.isEmpty)
  }

  @Test("an adopted state goes on until hosts can have been heard, and for as long as they say so")
  func adopted() throws {
    var listener = try Listener(["out": Self.isOut])
    listener.adopt("out", "other", at: 10)
    #expect(listener.transitions(through: 14.9) == ["10 out active adopted"])
    #expect(listener.states() == [])
    #expect(listener.transitions(through: 17) == ["15 out releasing", "16 out inactive"])
    #expect(listener.states() == ["-out"])
    var heard = try Listener(["out": Self.isOut])
    heard.adopt("out", at: 10)
    for second in 12...20 { heard.hear("ups1", "ups.status=OB", at: Double(second)) }
    #expect(heard.transitions(through: 20) == ["10 out active adopted"])
    var slow = try Listener(["out": Self.isOut])
    slow.adopt("out", interval: 10, at: 10)
    #expect(
      slow.transitions(through: 61) == ["10 out active adopted", "60 out releasing", "61 out inactive"])
  }

  @Test("a state that is only told is not adopted")
  func dryRunAdopted() throws {
    var listener = try Listener(["out": Self.isOut + "\ndry-run=yes"])
    listener.adopt("out", at: 10)
    #expect(listener.transitions(through: 20).isEmpty)
  }

  @Test("a rule of the same name goes on in its state, and waits anew where it is another one")
  func replaced() throws {
    var other = try Listener(["out": Self.isOut, "rest": "when=any of ups1: ups.status has OB\nfor=4s"])
    for second in 1...4 { other.hear("ups1", "ups.status=OB", at: Double(second)) }
    #expect(
      other.transitions(through: 4) == ["1 out pending", "1 rest pending", "3 out active"])
    // The same again, in another order: nothing happens.
    try other.replace(
      by: ["rest": "when=any of ups1: ups.status has OB\nfor=4s", "out": Self.isOut], at: 4)
    #expect(other.transitions(through: 4.5).isEmpty)
    try other.replace(
      by: ["rest": "when=any of ups1: ups.status has OB\nfor=3s", "out": Self.isOut + "\nfresh=9s"], at: 4.5)
    #expect(other.transitions(through: 8) == ["4.5 rest pending", "7.5 rest active"])
    #expect(other.states() == ["+out", "+rest"])
  }

  @Test("the state of a rule that is gone is left")
  func removed() throws {
    var listener = try Listener(["out": Self.isOut, "same": Self.isOut, "never": "when=x.y = z"])
    for second in 1...3 { listener.hear("ups1", "ups.status=OB", at: Double(second)) }
    listener.advance(through: 3)
    #expect(listener.states() == ["+out", "+same"])
    _ = listener.transitions(through: 3)
    try listener.replace(by: ["same": Self.isOut], at: 3.5)
    #expect(listener.transitions(through: 4) == ["3.5 out inactive removed"])
    #expect(listener.states() == ["-out"])
  }

  // MARK: States

  @Test("of several rules that feed a state one is enough, and one that is only told feeds none")
  func fed() throws {
    let (one, two) = ("when=any of a: x.y = on", "when=any of b: x.y = on")
    let rest = "\nfor=0s\nrelease-for=0s\nstate=lamp"
    var listener = try Listener([
      "one": one + rest, "two": two + rest, "dry": "when=any of c: x.y = on\(rest)\ndry-run=yes",
    ])
    func set(_ host: HostName, _ value: String, at second: Double) -> [String] {
      listener.hear(host, "x.y=\(value)", at: second)
      listener.advance(through: second)
      return listener.states()
    }
    #expect(set("c", "on", at: 1) == [])
    #expect(set("a", "on", at: 1) == ["+lamp"])
    #expect(set("b", "on", at: 2) == [])
    #expect(set("a", "off", at: 3) == [])
    #expect(set("b", "off", at: 4) == ["-lamp"])
    #expect(listener.heard.book.states.map { "\($0.key) \($0.value)" } == ["lamp false"])
  }

  @Test("a transition says what decided")
  func deciding() throws {
    var listener = try Listener([
      "x": "when=2 of a,b,c: x.y > 1C\nuntil=any of a,b,c: x.y < 0C\nfor=0s\nrelease-for=0s"
    ])
    listener.hear("a", "x.y=2C", at: 1)
    listener.hear("b", "x.y=0C", at: 1)
    listener.hear("c", "x.y=3C", at: 1)
    listener.advance(through: 1)
    let entered = try #require(listener.heard.book.takeTransitions().first)
    #expect(entered.lines.map(\.isUntil) == [false])
    #expect(
      entered.lines[0].hosts.map { "\($0.host.map { "\($0)" } ?? "") \($0.finding.value?.text ?? "")" } == [
        "a 2C", "c 3C",
      ])
    listener.hear("b", "x.y=-1C", at: 2)
    listener.advance(through: 2)
    let left = try #require(listener.heard.book.takeTransitions().first)
    #expect(left.lines.map(\.isUntil) == [true])
    #expect(left.lines[0].hosts.map { "\($0.finding.value?.text ?? "")" } == ["-1C"])
  }
}

/// A process that uses a name which another one has.
private struct ReadingsSenderOfRun {
  private let name: String
  private let run: Int
  private var sequence = 0

  init(_ name: String, run: Int) { (self.name, self.run) = (name, run) }

  mutating func beat(_ words: String) -> [UInt8] {
    sequence += 1
    return Array(
      "ATU 2026-11-30 00:00:00 host=\(name) run=\(run) seq=\(sequence) every=1s state=1 \(words)".utf8)
  }
}

extension Listener {
  /// Forgets hosts that are not heard any more, and tells of it, as the daemon does.
  fileprivate mutating func forgetSilent(at second: Double) {
    let now = Int64(second * 1e9)
    let names = heard.evidence.facts.names
    heard.evidence.facts.forget(at: now) { _ in false }
    heard.tellReadings(at: now)
    heard.book.note(names, heard.evidence, at: now)
  }
}
