// SPDX-License-Identifier: Apache-2.0

import Platform
import Testing

@testable import Heartbeat
@testable import Liveness

@Suite("Liveness of a group")
struct GroupLivenessTests {
  private static let source = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001), port: 5001)

  /// A group that is joined on eth0 at 0 s.
  private func group(expected: [PeerSubject] = []) -> GroupLiveness {
    var group = GroupLiveness(
      PeerInterfaces(capacity: 1000), expected: ExpectedPeers(expected, interval: second), realtime: 0, at: 0,
      isGapless: false)
    #expect(group.number(of: "eth0") == 0)
    #expect(group.listen(on: [0], awaited: nil, now: 0).isEmpty)
    return group
  }

  private func hear(
    _ group: inout GroupLiveness, from address: IPAddress = source.address, at seconds: ClosedRange<Int64>,
    origin: HeartbeatOrigin = .peer
  ) -> [SelfTest.Event] {
    seconds.compactMap { time in
      group.begin(realtime: time * second, now: time * second)
      defer { group.emptied(at: time * second) }
      return group.heard(
        Heartbeat.Outline(stamp: Heartbeat.Stamp(time: CivilTime(realtime: time * second, zone: .utc))),
        from: Endpoint(address, port: 5001), on: 0, received: time * second, origin)
    }
  }

  @discardableResult
  private func judge(_ group: inout GroupLiveness, at time: Int64, limit: Int = 100)
    -> GroupLiveness.Judgement
  {
    group.begin(realtime: time * second, now: time * second)
    group.emptied(at: time * second)
    return group.judge(now: time * second, limit: limit)
  }

  @Test("a peer is judged as of the moment up to which everything was read, not as of now")
  func caughtUp() throws {
    var group = group()
    _ = hear(&group, at: 1...20)
    _ = group.judge(now: 60 * second, limit: 100)
    #expect(group.counts == PeerCounts(alive: 1))
    let events = judge(&group, at: 60).events
    guard case .silent(let peer)? = events.last else {
      Issue.record("\(events)")
      return
    }
    #expect(peer.id == PeerID(address: Self.source.address, interface: 0) && peer.lastHeard == 20 * second)
    #expect(events.allSatisfy { $0.interface == 0 })
  }

  @Test("a turn reports so many peers, and the next one the rest")
  func limit() {
    var group = group()
    for number in UInt64(1)...30 {
      _ = hear(&group, from: IPAddress(family: .ipv4, high: 0, low: number), at: 1...2)
    }
    #expect(judge(&group, at: 2, limit: 20).events.count == 20)
    let isMoreToCome = group.hasEvents()
    #expect(isMoreToCome)
    #expect(judge(&group, at: 2, limit: 20).events.count == 10)
    let isMoreLeft = group.hasEvents()
    #expect(!isMoreLeft)
  }

  @Test("our own heartbeats are no peer's, and their absence is a condition until they are heard again")
  func ownHeartbeats() {
    var group = group()
    group.expectOwn(on: [0], now: 0)
    group.noteSent((1...9).map { $0 * second }, on: 0)
    #expect(group.judgeOwn(now: 10 * second)?.change == .notHeard(unheard: 9))
    #expect(group.conditions == [Condition(kind: .ownBeatsNotHeard, interface: "eth0", since: second)])
    #expect(hear(&group, at: 11...11, origin: .otherInterface).isEmpty)
    #expect(
      hear(&group, at: 11...11, origin: .loopback).map(\.change) == [.heardAgain(silentFor: 10 * second)])
    #expect(group.conditions.isEmpty && group.counts.total == 0)
  }

  @Test("a silence that was put off while it was doubtful whether we hear is judged when it no longer is")
  func doubtfulSilence() {
    var group = group()
    group.expectOwn(on: [0], now: 0)
    group.noteSent([0, 60 * second], on: 0)
    _ = hear(&group, at: 60...60, origin: .loopback)
    _ = hear(&group, at: 61...185)
    // Of our own, sent once a minute, two were kept back by a firewall.
    group.noteSent([120 * second, 180 * second], on: 0)
    for time: Int64 in 186...239 { judge(&group, at: time) }
    group.noteSent([240 * second], on: 0)
    _ = hear(&group, at: 240...240, origin: .loopback)
    judge(&group, at: 245)
    #expect(group.counts == PeerCounts(late: 1))
    judge(&group, at: 246)
    #expect(group.counts == PeerCounts(silent: 1))
  }

  @Test("a share of drops above the limit suspends judgement, and five calm seconds resume it")
  func drops() {
    var group = group()
    _ = hear(&group, at: 1...20)
    judge(&group, at: 20)
    group.noteRead(70)
    group.noteDrops(30, now: 21 * second)
    #expect(group.judgeDrops(now: 21 * second) == .suspended(share: 0.3))
    judge(&group, at: 60)
    #expect(group.counts == PeerCounts(unknown: 1))
    #expect(group.conditions.map(\.kind) == [.verdictsSuspended])
    #expect(group.judgeDrops(now: 26 * second) == .resumed(after: 26 * second))
    #expect(group.conditions.isEmpty)
  }

  @Test(
    "a peer that is expected and never heard is unknown, and silent after ten intervals in which it could be heard"
  )
  func expected() {
    let never = PeerSubject.address(IPAddress(family: .ipv4, high: 0, low: 7))
    let lateAddress = IPAddress(family: .ipv4, high: 0, low: 8)
    let late = PeerSubject.address(lateAddress)
    var group = GroupLiveness(
      PeerInterfaces(capacity: 100), expected: ExpectedPeers([never, late], interval: second), realtime: 0,
      at: 0, isGapless: false)
    _ = group.number(of: "eth0")
    // While the interface is not there it could not be heard.
    for time: Int64 in 100...150 { judge(&group, at: time) }
    #expect(group.counts == PeerCounts(unknown: 2))
    _ = group.listen(on: [0], awaited: nil, now: 150 * second)
    for time: Int64 in 151...159 { judge(&group, at: time) }
    #expect(group.takeExpectedChanges().isEmpty)
    for time: Int64 in 159...200 {
      _ = hear(&group, from: lateAddress, at: time...time)
      judge(&group, at: time)
    }
    let changes = group.takeExpectedChanges()
    #expect(changes.map(\.subject) == [never, late] && changes.map(\.state) == [.silent, nil])
    #expect(group.takeExpectedChanges().isEmpty)
    #expect(group.expected.silent == [never])
    #expect(group.counts == PeerCounts(alive: 1, silent: 1))
    // The next process does not report it again.
    #expect(ExpectedPeers([never], silent: [never]).state(of: never) == .silent)
    group.configure(
      capacity: 100, expected: [late], falseAlarms: .standard, interval: second, now: 200 * second)
    #expect(group.counts == PeerCounts(alive: 1))
    #expect(group.takeExpectedChanges().map(\.subject) == [never])
  }
}
