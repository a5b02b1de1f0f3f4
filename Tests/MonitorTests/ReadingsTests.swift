// SPDX-License-Identifier: Apache-2.0

import Facts
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Monitor
@testable import Platform

@Suite("What a monitor tells of readings")
struct ReadingsTests {
  private static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  private func joined() -> Monitor { .joined(.listening(to: Self.group)) }

  /// A heartbeat as the receive loop takes it.
  private func hear(
    _ words: String, by monitor: inout Monitor, at seconds: Double, origin: HeartbeatOrigin = .peer
  ) throws {
    let now = Int64(seconds * 1e9)
    let payload = Array("ATU 2026-11-30 00:00:00 \(words)".utf8)
    try payload.withUnsafeBytes { payload in
      let outline = try #require(Heartbeat.read(payload))
      let datagram = Monitor.Datagram(
        outline: outline, source: Endpoint(.host(5), port: 5001), interface: 0, received: now,
        origin: origin)
      _ = monitor.handle(.reading(realtime: now), at: now)
      _ = monitor.handle(.datagram(datagram), at: now)
      monitor.noteReadings(payload, of: datagram)
      _ = monitor.handle(.read(.init(count: 1, isLast: true, stamp: now)), at: now)
    }
  }

  private func hasNews(_ monitor: inout Monitor) -> Bool { monitor.hasNews() }

  /// What is told, as `changed ups.status=OB`.
  private func told(_ monitor: inout Monitor, at seconds: Double, isTick: Bool = false) -> [String] {
    let directives = monitor.handle(isTick ? .tick(zoneOffset: 0) : .deadline, at: Int64(seconds * 1e9))
    return directives.flatMap { directive -> [String] in
      guard case .tell(.readings(let event, let group)) = directive, group == Self.group else { return [] }
      let kind =
        switch event {
        case .changed: "changed"
        case .unknown: "unknown"
        case .known: "known"
        case .suppressed: "suppressed"
        }
      return (event.changes?.changes ?? []).map { "\(kind) \($0.id.word)=\($0.now.value)" }
    }
  }

  @Test("who was heard once says nothing yet, and a peer says it as soon as the socket is empty")
  func admission() throws {
    var monitor = joined()
    try hear("host=a run=1 seq=1 every=1s state=1 ups.status=OL", by: &monitor, at: 1)
    #expect(monitor.facts.names.isEmpty)
    try hear("host=a run=1 seq=2 every=1s state=1 ups.status=OL", by: &monitor, at: 2)
    #expect(hasNews(&monitor))
    #expect(told(&monitor, at: 2) == ["changed ups.status=OL"])
    try hear("host=a run=1 seq=3 every=1s state=2 ups.status=OB", by: &monitor, at: 2.5)
    #expect(hasNews(&monitor))
    #expect(told(&monitor, at: 2.5) == ["changed ups.status=OB"])
    #expect(!hasNews(&monitor))
  }

  @Test("what is not heard any more is unknown at its deadline, and known when it is heard")
  func staleness() throws {
    var monitor = joined()
    for beat in 1...3 {
      try hear(
        "host=a run=1 seq=\(beat) every=1s state=1 ups.status=OL", by: &monitor, at: Double(beat))
    }
    _ = told(&monitor, at: 3)
    let wake = monitor.handle(.deadline, at: 4 * second).compactMap { directive -> Int64? in
      if case .wake(let time) = directive { time } else { nil }
    }
    #expect(wake.allSatisfy { $0 <= 8 * second + 1 } && !wake.isEmpty)
    #expect(told(&monitor, at: 8) == [])
    #expect(told(&monitor, at: 8.1) == ["unknown ups.status=OL"])
    try hear("host=a run=1 seq=4 every=1s state=1 ups.status=OL", by: &monitor, at: 9)
    #expect(told(&monitor, at: 9) == ["known ups.status=OL"])
  }

  @Test("our own heartbeats that come back say nothing, and what this host says is told at once")
  func own() throws {
    var monitor = joined()
    try hear("host=me run=1 seq=1 state=1 ups.status=OB", by: &monitor, at: 1, origin: .loopback)
    #expect(monitor.facts.names.isEmpty)
    let id = try #require(Reading.ID(word: "ups.status"))
    let said = Reading(id, try #require(ReadingValue("OL")))
    _ = monitor.handle(.says([said], as: "me", runs: [1]), at: second)
    #expect(hasNews(&monitor))
    #expect(told(&monitor, at: 1) == ["changed ups.status=OL"])
    try hear("host=me run=1 seq=2 state=1 ups.status=OB", by: &monitor, at: 2, origin: .otherInterface)
    #expect(told(&monitor, at: 2) == [])
  }

  @Test("of another group nothing is known, and that is told")
  func otherGroup() throws {
    var monitor = joined()
    for beat in 1...3 {
      try hear(
        "host=a run=1 seq=\(beat) every=1s state=1 ups.status=OL", by: &monitor, at: Double(beat))
    }
    _ = told(&monitor, at: 3)
    let other = Endpoint(Self.group.address, port: 5002)
    _ = monitor.handle(.configured(.listening(to: other)), at: 3 * second)
    let directives = monitor.handle(.deadline, at: 3 * second)
    let events = directives.compactMap { directive -> ReadingsEvent? in
      if case .tell(.readings(let event, _)) = directive { event } else { nil }
    }
    #expect(events.flatMap { $0.changes?.changes ?? [] }.map(\.isGone) == [true])
    #expect(monitor.facts.names.isEmpty)
  }

  @Test("a host that is no peer any more is forgotten")
  func forgotten() throws {
    var monitor = joined()
    for beat in 1...3 {
      try hear(
        "host=a run=1 seq=\(beat) every=1s state=1 ups.status=OL", by: &monitor, at: Double(beat))
    }
    _ = told(&monitor, at: 3)
    #expect(told(&monitor, at: 100, isTick: true) == ["unknown ups.status=OL"])
    // A day later the peer is forgotten.
    _ = monitor.handle(.read(.init(count: 0, isLast: true, stamp: 0)), at: 100_000 * second)
    for _ in 0..<3 { _ = monitor.handle(.tick(zoneOffset: 0), at: 100_000 * second) }
    #expect(monitor.liveness.counts.total == 0)
    #expect(monitor.facts.names.isEmpty)
  }
}
