// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import TestSupport
import Testing

@testable import Facts

/// Where nothing has to be proved anybody may say anything in a host's name; but once he stops the host is
/// heard again.
@Suite("Facts that somebody forged")
struct ForgedFactsTests {
  private static let second: Int64 = 1_000_000_000

  private func hear(
    _ words: String, by facts: inout Facts, at seconds: Double, proof: Proof? = nil
  ) throws {
    let payload = Array("ATU 2026-11-30 00:00:00 \(words)".utf8)
    try payload.withUnsafeBytes { payload in
      let outline = try #require(Heartbeat.read(payload), "\(words)")
      facts.hear(
        payload, outline, from: IPAddress(family: .ipv4, high: 0, low: 7), proof: proof, .current,
        arrival: Int64(seconds * 1e9), interval: outline.said.map { $0.every > 0 ? $0.every : nil } ?? nil)
    }
  }

  /// `ups.status=OB good`, of the host a.
  private func state(in facts: Facts, at seconds: Double) -> [String] {
    let host: HostName = "a"
    return facts.reports(of: host, at: Int64(seconds * 1e9)).map {
      "\($0.id.word)=\($0.value) \($0.quality.rawValue)"
    }
  }

  @Test(
    "whatever numbers and interval somebody forged for two seconds, the host is known again",
    arguments: [
      ("run=2 seq=10 every=1s state=99999999", 10), ("run=2 seq=10 every=1h state=18446744073709551615", 10),
      ("run=2 seq=99999999 every=1h state=3", 10), ("run=3 seq=1 every=1s state=1", 10),
      // It is waited for, for it might be a host that beats slowly.
      ("run=ffffffffffffffff seq=1 every=1h state=1", 65), ("run=1 seq=1 every=1h state=1", 65),
      ("every=1h", 65),
    ])
  func heals(forged: String, by end: Int) throws {
    var facts = Facts(capacity: 10, at: 0)
    for beat in 1...80 {
      if 3...5 ~= beat { try hear("host=a \(forged) ups.status=OB", by: &facts, at: Double(beat) - 0.5) }
      try hear("host=a run=2 seq=\(beat) every=1s state=3 ups.status=OL", by: &facts, at: Double(beat))
      _ = facts.takeChanges(at: Int64(beat) * Self.second, limit: 10)
      if beat > end { #expect(state(in: facts, at: Double(beat)) == ["ups.status=OL good"], "\(beat)") }
    }
    // Neither is anything left that would be waited for.
    #expect(facts.nextDeadline.map { $0 <= 85 * Self.second + 1 } == true)
    #expect(state(in: facts, at: 85.1) == ["ups.status=OL stale"])
  }

  @Test("a host whose numbers somebody forged is known to be contested while both are heard in turn")
  func contested() throws {
    var facts = Facts(capacity: 10, at: 0)
    for beat in 1...3 {
      try hear("host=a run=2 seq=\(beat) every=1s state=3 ups.status=OL", by: &facts, at: Double(beat))
    }
    try hear("host=a run=2 seq=9 every=10s state=9 ups.status=OB", by: &facts, at: 3.5)
    try hear("host=a run=2 seq=4 every=1s state=3 ups.status=OL", by: &facts, at: 4)
    #expect(state(in: facts, at: 4) == ["ups.status=OB good"])
    try hear("host=a run=2 seq=5 every=1s state=3 ups.status=OL", by: &facts, at: 5.1)
    #expect(state(in: facts, at: 5.1) == ["ups.status=? unknown"])
  }

  @Test("a flood of what is not authentic does not keep who has a key from being read", arguments: [1, 8])
  func flood(hosts: Int) throws {
    // Each of them may be read forty times.
    var facts = Facts(capacity: 2000, at: 0)
    for number in 0..<hosts * 1000 {
      let host = hosts == 1 ? "a" : "b\(number % 1000)"
      try hear(
        "host=\(host) run=1 seq=\(number + 1) every=1s state=\(number + 1) ups.status=\(number)", by: &facts,
        at: 1, proof: .bad)
    }
    try hear("host=a run=1 seq=1 every=1s state=1 ups.status=OL", by: &facts, at: 1, proof: .ok)
    #expect(state(in: facts, at: 1) == ["ups.status=OL good"])
  }

  @Test("late copies of the states before, in whatever order, do not count while they may be on their way")
  func late() throws {
    var facts = Facts(capacity: 10, at: 0)
    try hear("host=a run=2 seq=9 every=100ms state=9 ups.status=OB", by: &facts, at: 1)
    for (number, time) in [1.1, 1.5, 1.7, 1.9, 2].enumerated() {
      try hear(
        "host=a run=2 seq=\(number + 1) every=100ms state=\(number + 1) ups.status=OL", by: &facts, at: time)
      #expect(state(in: facts, at: time).first?.hasPrefix("ups.status=OB") == true)
    }
  }

  @Test("authentic heartbeats that were missed do not count when they are sent again after the last one")
  func repeated() throws {
    var facts = Facts(capacity: 10, at: 0)
    try hear("host=a run=2 seq=9 every=1s state=9 ups.status=OB", by: &facts, at: 1, proof: .ok)
    for number in 5...8 {
      let time = Double(10 + 2 * number)
      try hear(
        "host=a run=2 seq=\(number) every=1s state=\(number) ups.status=OL", by: &facts, at: time, proof: .ok)
      #expect(state(in: facts, at: time) == ["ups.status=OB stale"])
    }
  }

  @Test("of two hosts with one name nothing is known, also where one beats ten times as often")
  func slowNamesake() throws {
    var facts = Facts(capacity: 10, at: 0)
    for beat in 0..<60 {
      if beat % 10 == 0 {
        try hear("host=a run=3 seq=\(beat + 1) every=10s state=1 ups.status=OB", by: &facts, at: Double(beat))
      }
      try hear(
        "host=a run=2 seq=\(beat + 1) every=1s state=1 ups.status=OL", by: &facts, at: Double(beat) + 0.5)
      if beat > 0 { #expect(state(in: facts, at: Double(beat) + 0.5) == ["ups.status=? unknown"], "\(beat)") }
    }
  }

  @Test("names that are no peers leave room for hosts that are, however slow they say that they are")
  func room() throws {
    var facts = Facts(capacity: 3, at: 0)
    for host in 1...3 { try hear("host=f\(host) run=1 seq=1 every=1h state=1 x.y=1", by: &facts, at: 1) }
    try hear("host=a run=1 seq=1 every=1s state=1 ups.status=OL", by: &facts, at: 1)
    #expect(state(in: facts, at: 1) == [])
    // Others may not have their room yet.
    facts.forget(at: 2 * Self.second) { $0.description != "f2" }
    _ = facts.takeChanges(at: 2 * Self.second, limit: 10)
    #expect(facts.hostCount == 2)
    try hear("host=a run=1 seq=2 every=1s state=1 ups.status=OL", by: &facts, at: 2)
    #expect(state(in: facts, at: 2) == ["ups.status=OL good"])
  }
}
