// SPDX-License-Identifier: Apache-2.0

import Facts
import Rules
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Monitor
@testable import Platform

/// What a monitor gives rules to judge, and what it tells of them.
@Suite("Rules as a monitor has them")
struct RulesTests {
  private static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  private func rule(_ lines: String..., name: String = "fans") throws -> Rule {
    let text = (lines + ["authenticated=no"]).joined(separator: "\n")
    return try RuleFile.parse(Array(text.utf8), path: "\(name).rule")
  }

  private func joined(_ rules: Rule...) -> Monitor {
    var monitor = Monitor.joined(.listening(to: Self.group))
    _ = monitor.handle(.rules(rules, entered: []), at: 0)
    return monitor
  }

  /// A heartbeat of a host, as the receive loop takes it.
  private func hear(
    _ host: String, _ seq: Int, _ words: String = "", by monitor: inout Monitor, at seconds: Double
  ) throws {
    let now = Int64(seconds * 1e9)
    let text = "ATU 2026-11-30 00:00:00 host=\(host) run=1 seq=\(seq) every=1s"
    let payload = Array((words.isEmpty ? text : "\(text) \(words)").utf8)
    try payload.withUnsafeBytes { payload in
      let outline = try #require(Heartbeat.read(payload))
      let datagram = Monitor.Datagram(
        outline: outline, source: Endpoint(.host(5), port: 5001), interface: 0, received: now,
        origin: .peer)
      _ = monitor.handle(.reading(realtime: now), at: now)
      _ = monitor.handle(.datagram(datagram), at: now)
      monitor.noteReadings(payload, of: datagram)
      _ = monitor.handle(.read(.init(count: 1, isLast: true, stamp: now)), at: now)
    }
  }

  /// What is told: `0.5 pending`, and `entered` or `left`.
  private func told(_ monitor: inout Monitor, at seconds: Double, isTick: Bool = false) -> [String] {
    texts(monitor.handle(isTick ? .tick(zoneOffset: 0) : .deadline, at: Int64(seconds * 1e9)))
  }

  private func texts(_ directives: [Directive]) -> [String] {
    directives.compactMap { directive in
      switch directive {
      case .tell(.rule(.changed(let change))): "\(Double(change.time) / 1e9) \(change.to)"
      case .tell(.rule(.state(_, let isEntered, let rule, let time))):
        "\(Double(time) / 1e9) \(isEntered ? "entered" : "left") by \(rule.map { "\($0)" } ?? "nobody")"
      default: nil
      }
    }
  }

  private func wake(_ monitor: inout Monitor, at seconds: Double) -> Double? {
    for case .wake(let time?) in monitor.handle(.deadline, at: Int64(seconds * 1e9)) {
      return Double(time) / 1e9
    }
    return nil
  }

  @Test("a change counts when it arrived, and the loop is woken when its time is over")
  func arrival() throws {
    var monitor = joined(try rule("when=all of a: u.s has OB", "for=3s", "release-for=1s"))
    for beat in 1...3 { try hear("a", beat, "state=1 u.s=OL", by: &monitor, at: Double(beat)) }
    #expect(told(&monitor, at: 3) == [])
    try hear("a", 4, "state=2 u.s=OB", by: &monitor, at: 3.5)
    #expect(told(&monitor, at: 3.75) == ["3.5 pending"])
    for beat in 5...7 { try hear("a", beat, "state=2 u.s=OB", by: &monitor, at: Double(beat) - 0.5) }
    #expect(try #require(wake(&monitor, at: 6.4)) <= 6.5)
    #expect(told(&monitor, at: 6.5) == ["6.5 active", "6.5 entered by fans"])
    try hear("a", 8, "state=3 u.s=OL", by: &monitor, at: 7.25)
    #expect(told(&monitor, at: 7.5) == ["7.25 releasing"])
    try hear("a", 9, "state=3 u.s=OL", by: &monitor, at: 8)
    #expect(told(&monitor, at: 9) == ["8.25 inactive", "8.25 left by fans"])
  }

  @Test("a loop that was held up finds the break between two changes that it reads at once")
  func stall() throws {
    var monitor = joined(try rule("when=all of a: u.s has OB", "for=3s"))
    for beat in 1...2 { try hear("a", beat, "state=1 u.s=OL", by: &monitor, at: Double(beat)) }
    try hear("a", 3, "state=2 u.s=OB", by: &monitor, at: 2.5)
    #expect(told(&monitor, at: 2.5) == ["2.5 pending"])
    // All read at 6 s: without the break at 4 s it would be active at 5.5 s.
    try hear("a", 4, "state=2 u.s=OB", by: &monitor, at: 3.5)
    try hear("a", 5, "state=3 u.s=OL", by: &monitor, at: 4)
    try hear("a", 6, "state=4 u.s=OB", by: &monitor, at: 4.25)
    try hear("a", 7, "state=4 u.s=OB", by: &monitor, at: 5.25)
    #expect(told(&monitor, at: 6) == ["4.0 inactive", "4.25 pending"])
    #expect(told(&monitor, at: 7.25) == ["7.25 active", "7.25 entered by fans"])
  }

  @Test("who was silent in a stall was unknown meanwhile")
  func silentMeanwhile() throws {
    var monitor = joined(try rule("when=all of a: u.s has OB", "for=30s"))
    for beat in 1...2 { try hear("a", beat, "state=1 u.s=OB", by: &monitor, at: Double(beat)) }
    #expect(told(&monitor, at: 2) == ["2.0 pending"])
    try hear("a", 3, "state=1 u.s=OB", by: &monitor, at: 20)
    #expect(told(&monitor, at: 21) == ["7.000000001 inactive", "20.0 pending"])
  }

  @Test("with a fresh of its own a host that says the same again counts again")
  func fresh() throws {
    var monitor = joined(try rule("when=all of a: u.s has OB", "for=1s", "fresh=2s", "on-unknown=release"))
    for beat in 1...2 { try hear("a", beat, "state=1 u.s=OB", by: &monitor, at: Double(beat)) }
    #expect(told(&monitor, at: 3) == ["2.0 pending", "3.0 active", "3.0 entered by fans"])
    #expect(told(&monitor, at: 4.5) == ["4.000000001 releasing"])
    try hear("a", 3, "state=1 u.s=OB", by: &monitor, at: 4.75)
    #expect(told(&monitor, at: 4.75) == ["4.75 active"])
  }

  @Test("what a host says again is judged at once where it was too old for a rule")
  func news() throws {
    var monitor = joined(try rule("when=all of a: u.s has OB", "for=0s", "fresh=2s"))
    for beat in 1...2 { try hear("a", beat, "state=1 u.s=OB", by: &monitor, at: Double(beat)) }
    #expect(told(&monitor, at: 2).last == "2.0 entered by fans")
    #expect(told(&monitor, at: 4.5).last == "4.000000001 left by fans")
    var hasNews = [monitor.hasNews()]
    try hear("a", 3, "state=1 u.s=OB", by: &monitor, at: 4.75)
    hasNews.append(monitor.hasNews())
    #expect(told(&monitor, at: 4.75).last == "4.75 entered by fans")
    hasNews.append(monitor.hasNews())
    #expect(hasNews == [false, true, false])
  }

  @Test("what this host says counts at once, and nothing of it where it has no name")
  func own() throws {
    var monitor = joined(try rule("when=u.s has OB", "for=0s"))
    let id = try #require(Reading.ID(word: "u.s"))
    let battery = Reading(id, try #require(ReadingValue("OB")))
    _ = monitor.handle(.says([battery], as: "me", runs: [1]), at: second)
    let hasNews = monitor.hasNews()
    #expect(hasNews)
    #expect(told(&monitor, at: 1) == ["1.0 active", "1.0 entered by fans"])
    _ = monitor.handle(.says([], as: nil, runs: []), at: 2 * second)
    #expect(told(&monitor, at: 2) == ["2.0 inactive", "2.0 left by fans"])
  }

  @Test("whether a peer is there is asked with each of its events")
  func peers() throws {
    var monitor = joined(try rule("when=any of a: peer = silent", "for=0s", name: "page"))
    for beat in 1...12 {
      for (place, host) in ["a", "b", "c"].enumerated() {
        guard host != "a" || beat <= 3 else { continue }
        try hear(host, beat, by: &monitor, at: Double(beat) + Double(place) / 10)
      }
      _ = told(&monitor, at: Double(beat) + 0.5, isTick: true)
    }
    let report = try #require(monitor.ruleReports(from: 0, limit: 1).reports.first)
    #expect(report.state == .active)
    #expect(report.lines.first?.hosts.first?.finding.value?.text == "silent")
    try hear("a", 13, by: &monitor, at: 13.5)
    try hear("a", 14, by: &monitor, at: 14)
    #expect(told(&monitor, at: 14).contains { $0.hasSuffix("left by page") })
  }

  @Test("another group is listened to, and what was known is unknown")
  func otherGroup() throws {
    var monitor = joined(try rule("when=all of a: u.s has OB", "for=0s", "release-for=0s"))
    for beat in 1...2 { try hear("a", beat, "state=1 u.s=OB", by: &monitor, at: Double(beat)) }
    #expect(told(&monitor, at: 2).contains("2.0 entered by fans"))
    let other = Endpoint(Self.group.address, port: 5002)
    _ = monitor.handle(.configured(.listening(to: other)), at: 3 * second)
    #expect(told(&monitor, at: 3).contains("3.0 left by fans"))
  }

  @Test("a rule that is gone leaves its state, and one that was entered before the process began goes on")
  func rules() throws {
    var monitor = Monitor.joined(.listening(to: Self.group))
    let fans = try rule("when=all of a: u.s has OB", "for=0s", "release-for=0s")
    let began = texts(monitor.handle(.rules([fans], entered: [fans.state]), at: 0))
    #expect(began == ["0.0 active"])
    // Nobody can have been heard yet.
    #expect(told(&monitor, at: 4.9) == [])
    #expect(told(&monitor, at: 6).contains("5.0 left by fans"))
    var other = Monitor.joined(.listening(to: Self.group))
    _ = other.handle(.rules([fans], entered: [fans.state]), at: 0)
    #expect(texts(other.handle(.rules([], entered: []), at: second)) == ["1.0 inactive", "1.0 left by fans"])
  }
}
