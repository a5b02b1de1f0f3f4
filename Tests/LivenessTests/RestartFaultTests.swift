// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Platform
import Testing

@testable import Heartbeat
@testable import Liveness

/// What simulated worlds found: verdicts after a restart of which we were the cause.
@Suite("After a restart of ours")
struct RestartFaultTests {
  private let sender = SimulatedSender(id: 0)
  private let id = PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001), interface: 0)

  /// A group on eth0 with a peer that beats each second until 20 s.
  private func group() -> GroupLiveness {
    var group = GroupLiveness(
      PeerInterfaces(capacity: 16), expected: ExpectedPeers(), realtime: 0, at: 0, isGapless: false)
    _ = group.number(of: "eth0")
    _ = group.listen(on: [0], awaited: nil, now: 0)
    for time in 1...Int64(20) { hear(&group, at: time) }
    judge(&group, at: 20)
    return group
  }

  private func hear(_ group: inout GroupLiveness, at time: Int64) {
    group.begin(realtime: time * second, now: time * second)
    group.heard(sender.beat(sentAt: time * second), from: id)
  }

  @discardableResult
  private func judge(_ group: inout GroupLiveness, at time: Int64) -> [PeerEvent<PeerID>] {
    group.begin(realtime: time * second, now: time * second)
    group.emptied(at: time * second)
    return group.judge(now: time * second, limit: 100).events
  }

  /// The next process, whose socket was kept.
  private func restarted(
    _ group: GroupLiveness, stored: Int64, at now: Int64, step: Int64 = 0, isComplete: Bool = true
  ) throws -> GroupLiveness {
    let data = try JSONEncoder().encode(group.snapshots(at: stored * second))
    let snapshots = try JSONDecoder().decode([Int: PeerSnapshot<PeerID>].self, from: data)
    return GroupLiveness(
      PeerInterfaces(
        restoring: snapshots, names: group.names, capacity: 16, at: now * second,
        isGapless: isComplete, isComplete: isComplete),
      expected: ExpectedPeers(), realtime: (now + step) * second, at: now * second, isGapless: true)
  }

  @Test("time without a process counts against nobody while the interface was gone before, or is gone after")
  func interfaceGone() throws {
    var before = group()
    _ = before.listen(on: [], awaited: nil, now: 21 * second)
    var back = try restarted(before, stored: 25, at: 100)
    _ = back.listen(on: [0], awaited: nil, now: 100 * second)
    #expect(judge(&back, at: 104).isEmpty)

    var goneMeanwhile = try restarted(group(), stored: 21, at: 100)
    _ = goneMeanwhile.listen(on: [], awaited: nil, now: 100 * second)
    _ = goneMeanwhile.listen(on: [0], awaited: nil, now: 101 * second)
    #expect(judge(&goneMeanwhile, at: 104).isEmpty)
    // A silence that could be heard is still one: after 1 s before, and 4.5 s since.
    #expect(judge(&goneMeanwhile, at: 106).count == 1)
  }

  /// Heartbeats that waited in the socket, with stamps of before a step of CLOCK_REALTIME.
  private func read(_ group: inout GroupLiveness, at times: ClosedRange<Int64>, now: Int64, step: Int64) {
    group.begin(realtime: (now + step) * second, now: now * second)
    for time in times {
      _ = group.heard(
        Heartbeat.Outline(stamp: Heartbeat.Stamp(time: CivilTime(realtime: time * second, zone: .utc))),
        from: Endpoint(id.subject.address ?? .unspecified(.ipv4), port: 5001), on: 0, received: time * second,
        .peer)
    }
    group.emptied(at: now * second)
  }

  @Test(
    "a step of the clock while no process was there counts against nobody who was heard meanwhile",
    arguments: [-86_400, -8, -3, 0, 3, 8, 86_400])
  func clockStep(step: Int64) throws {
    var after = try restarted(group(), stored: 21, at: 30, step: step)
    _ = after.listen(on: [0], awaited: nil, now: 30 * second)
    read(&after, at: 21...29, now: 30, step: step)
    #expect(after.judge(now: 30 * second, limit: 100).events.isEmpty)
    read(&after, at: (31 + step)...(33 + step), now: 33, step: step)
    #expect(after.judge(now: 33 * second, limit: 100).events.isEmpty)
    #expect(after.interfaces.report(of: id)?.interval == second)
  }

  @Test(
    "what waited in a socket tells of no peer where the process before left no state",
    arguments: [-86_400, -8, 0, 8, 86_400])
  func noState(step: Int64) {
    var group = GroupLiveness(
      PeerInterfaces(capacity: 16), expected: ExpectedPeers(), realtime: (30 + step) * second,
      at: 30 * second, isGapless: true)
    _ = group.number(of: "eth0")
    _ = group.listen(on: [0], awaited: nil, now: 30 * second)
    read(&group, at: 21...29, now: 30, step: step)
    #expect(group.judge(now: 30 * second, limit: 100).events.isEmpty && group.counts.total == 0)
    for time: Int64 in 31...33 { read(&group, at: (time + step)...(time + step), now: time, step: step) }
    #expect(group.judge(now: 33 * second, limit: 100).events.count == 1)
    #expect(group.interfaces.report(of: id)?.interval == second)
  }

  @Test("drops of the time without a process count from when the previous one was there")
  func drops() throws {
    var after = try restarted(group(), stored: 21, at: 100)
    _ = after.listen(on: [0], awaited: nil, now: 100 * second)
    // The socket was full from 30 s on.
    for time in 21...Int64(30) { after.heard(sender.beat(sentAt: time * second), from: id) }
    after.noteRead(10)
    after.noteDrops(70, now: 100 * second)
    #expect(after.judgeDrops(now: 100 * second) != nil)
    _ = judge(&after, at: 100)
    after.noteDrops(0, now: 105 * second)
    #expect(after.judgeDrops(now: 105 * second) != nil)
    func silent(at time: Int64) -> Int {
      judge(&after, at: time).count { if case .silent = $0 { true } else { false } }
    }
    #expect(silent(at: 110) == 0)
    // The beats that waited give it no time besides.
    #expect(silent(at: 111) == 1)
  }

  @Test("after a crash a peer has its whole time again: it may have been heard until the end")
  func crash() throws {
    // At 24 s it is late; what came until the crash at 33 s is lost.
    var after = try restarted(group(), stored: 24, at: 40, isComplete: false)
    _ = after.listen(on: [0], awaited: nil, now: 40 * second)
    #expect(judge(&after, at: 45).isEmpty)
    #expect(judge(&after, at: 46).count == 1)
  }

  @Test("time that was not heard is taken out once, also where drops and an end of the process are in it")
  func crashWithDrops() throws {
    var after = try restarted(group(), stored: 21, at: 121, isComplete: false)
    _ = after.listen(on: [0], awaited: nil, now: 121 * second)
    after.noteRead(10)
    after.noteDrops(70, now: 121 * second)
    #expect(after.judgeDrops(now: 121 * second) != nil)
    _ = judge(&after, at: 121)
    after.noteDrops(0, now: 127 * second)
    #expect(after.judgeDrops(now: 127 * second) != nil)
    func silent(at time: Int64) -> Int {
      judge(&after, at: time).count { if case .silent = $0 { true } else { false } }
    }
    #expect(silent(at: 132) == 0)
    #expect(silent(at: 133) == 1)
  }

  @Test("a change that was not told before a crash is told after it")
  func untold() throws {
    var table = PeerTable<Int>(capacity: 16)
    for (_, beat) in sender.beats(0..<20) { table.heard(beat, from: 0) }
    table.judge(at: 40 * second)
    #expect(table.takeEvents().count == 2)
    for (_, beat) in sender.beats(40..<42) { table.heard(beat, from: 0) }
    let data = try JSONEncoder().encode(table.snapshot(at: 42 * second))
    let snapshot = try JSONDecoder().decode(PeerSnapshot<Int>.self, from: data)
    var after = PeerTable(restoring: snapshot, capacity: 16, at: 43 * second, isGapless: false)
    let events = after.takeEvents()
    #expect(events.count == 1)
    guard case .back = events.first else {
      Issue.record("it is not told that the peer is back")
      return
    }
    #expect(after.takeEvents().isEmpty)
  }

  @Test("expected peers take no restored peer's place")
  func expected() throws {
    var table = PeerTable<PeerID>(capacity: 16)
    var expected: Set<PeerID> = []
    for peer in 0..<Int64(18) {
      let id = PeerID(address: IPAddress(family: .ipv4, high: 0, low: UInt64(peer)), interface: 0)
      if peer < 2 { expected.insert(id) }
      table.expect { [expected] id, _ in expected.contains(id) }
      for (_, beat) in sender.beats(0..<20) { table.heard(beat, from: id) }
    }
    #expect(table.counts.total == 18)
    var names = InterfaceNames()
    _ = names.number(of: "eth0")
    let interfaces = PeerInterfaces(
      restoring: [0: table.snapshot(at: 20 * second)], names: names, capacity: 16, expected: 2,
      at: 21 * second, isGapless: false)
    #expect(interfaces.counts.total == 18)
  }
}
