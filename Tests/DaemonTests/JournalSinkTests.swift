// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Daemon
@testable import Heartbeat
@testable import Journal
@testable import Liveness
@testable import Monitor
@testable import Platform

/// Events of peers on their way into the journal.
struct JournalSinkTests {
  private static let second: Int64 = 1_000_000_000
  private let events = RecordedEvents()
  private let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  private static func id(_ host: UInt64) -> PeerID {
    PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + host), interface: 0)
  }

  /// 10.0.0.1 and so on, heard each second from 0 to 20 s.
  private func peers(_ count: UInt64) -> Monitor {
    var monitor = Monitor(.of(group), realtime: 0, at: 0, isGapless: false)
    _ = monitor.number(of: "eth0")
    _ = monitor.handle(.joined(.init(interfaces: [0], withoutCarrier: [], awaited: nil)), at: 0)
    for beat in 0...20 as ClosedRange<Int64> {
      let time = beat * Self.second
      _ = monitor.handle(.reading(realtime: time), at: time)
      for host in 1...count {
        let datagram = Monitor.Datagram(
          outline: Heartbeat.Outline(stamp: Heartbeat.Stamp(time: CivilTime(realtime: time, zone: .utc))),
          source: Endpoint(Example.address(host), port: 1), interface: 0, received: time, origin: .peer)
        _ = monitor.handle(.datagram(datagram), at: time)
      }
    }
    return monitor
  }

  private func event(_ change: PeerEvent<PeerID>, at now: Int64 = 0) -> Event {
    .peer(.one(change, at: now, interface: "eth0"), group: group)
  }

  private func report(of host: UInt64, in monitor: Monitor) throws -> PeerReport<PeerID> {
    try #require(monitor.liveness.interfaces.report(of: Self.id(host)))
  }

  @Test("events of one kind wait for one another and share an entry")
  func together() throws {
    let monitor = peers(3)
    var sink = JournalSink(journal: events.log)
    for host in 1...3 as ClosedRange<UInt64> {
      sink.take(event(.discovered(try report(of: host, in: monitor))), monitor, now: 0)
    }
    sink.reportComplete(now: 0)
    #expect(events.all.isEmpty)
    let due = try #require(sink.nextDue)
    sink.reportComplete(now: due)
    #expect(events.all.map { $0.field("MCAST_COUNT") } == ["3"] && events.all.first?.kind == .peerDiscovered)
    #expect(sink.nextDue == nil)
  }

  @Test("what waits is reported before the silence of the whole network")
  func order() throws {
    let monitor = peers(2)
    var sink = JournalSink(journal: events.log)
    sink.take(event(.discovered(try report(of: 1, in: monitor))), monitor, now: 0)
    sink.take(event(.networkSilent(peers: 2, last: Self.id(2), since: 0)), monitor, now: 1)
    #expect(events.all.map(\.kind) == [.peerDiscovered, .networkSilent])
  }

  @Test("a peer that is silent alone has its entry at once, and before that of peers that were never heard")
  func alone() throws {
    let monitor = peers(1)
    let now = 25 * Self.second
    var sink = JournalSink(journal: events.log)
    sink.take(event(.silent(try report(of: 1, in: monitor)), at: now), monitor, now: now)
    let never = PeerChange.neverHeard([Self.id(9).subject], waited: 10 * Self.second)
    sink.take(.peer(never, group: group), monitor, now: now)
    #expect(events.all.map(\.kind) == [.peerSilent, .peerSilent])
    #expect(events.all.map { $0.field("MCAST_PEER") } == ["10.0.0.1", "10.0.0.9"])
    sink.reportComplete(now: now)
    #expect(events.all.count == 2 && sink.nextDue == nil)
  }

  @Test("a newcomer that is evicted has no entry: forged ones come and go by the thousand")
  func newcomers() throws {
    let monitor = peers(1)
    var sink = JournalSink(journal: events.log)
    var peer = try report(of: 1, in: monitor)
    peer.isEstablished = false
    sink.take(event(.evicted(peer)), monitor, now: 0)
    sink.reportComplete(now: 0, isFinal: true)
    #expect(events.all.isEmpty && EventCatalogue.entry(of: event(.evicted(peer))) == nil)
    peer.isEstablished = true
    sink.take(event(.evicted(peer)), monitor, now: 0)
    sink.reportComplete(now: 0, isFinal: true)
    #expect(events.all.map(\.kind) == [.peerEvicted])
  }

  @Test("what is no event of a single peer has its entry at once")
  func others() {
    let monitor = peers(1)
    var sink = JournalSink(journal: events.log)
    sink.take(.receiving(.verdicts(.suspended(share: 0.5)), group: group), monitor, now: 0)
    sink.take(.peer(.removed([(Self.id(1), interface: "eth0")]), group: group), monitor, now: 0)
    #expect(events.all.map(\.kind) == [.verdictsSuspended] && sink.nextDue == nil)
  }
}
