// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Journal
@testable import Liveness
@testable import Platform

/// Events of peers on their way into the journal.
struct PeerReporterTests {
  private static let second: Int64 = 1_000_000_000
  private let events = RecordedEvents()
  private let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  private static func id(_ host: UInt64) -> PeerID {
    PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + host), interface: 0)
  }

  /// 10.0.0.1 and so on, heard each second from 0 to 20 s.
  private func peers(_ count: UInt64) -> PeerInterfaces {
    var peers = PeerInterfaces(capacity: 16)
    _ = peers.number(of: "eth0")
    _ = peers.listen(on: [0], awaited: nil, now: 0)
    for beat in 0...20 as ClosedRange<Int64> {
      for host in 1...count {
        let time = beat * Self.second
        peers.heard(
          HeartbeatArrival(arrival: time, payload: time / 1000, wallClock: time / 1000, port: 1),
          from: Self.id(host))
      }
    }
    return peers
  }

  @Test("events of one kind wait for one another and share an entry")
  func together() throws {
    let peers = peers(3)
    var reporter = PeerReporter(events: events.log)
    reporter.setGroup(group)
    for host in 1...3 as ClosedRange<UInt64> {
      reporter.report(.discovered(try #require(peers.report(of: Self.id(host)))), of: peers, now: 0)
    }
    reporter.reportComplete(peers.names, now: 0)
    #expect(events.all.isEmpty)
    let due = try #require(reporter.nextDue)
    reporter.reportComplete(peers.names, now: due)
    #expect(events.all.map { $0.field("MCAST_COUNT") } == ["3"] && events.all.first?.kind == .peerDiscovered)
    #expect(reporter.nextDue == nil)
  }

  @Test("what waits is reported before the silence of the whole network")
  func order() throws {
    let peers = peers(2)
    var reporter = PeerReporter(events: events.log)
    reporter.setGroup(group)
    reporter.report(.discovered(try #require(peers.report(of: Self.id(1)))), of: peers, now: 0)
    reporter.report(.networkSilent(peers: 2, last: Self.id(2), since: 0), of: peers, now: 1)
    #expect(events.all.map(\.kind) == [.peerDiscovered, .networkSilent])
  }

  @Test("a peer that is silent alone has its entry at once, without a group there is none")
  func alone() throws {
    let peers = peers(1)
    var reporter = PeerReporter(events: events.log)
    let silent = PeerEvent.silent(try #require(peers.report(of: Self.id(1))))
    reporter.report(silent, of: peers, now: 25 * Self.second)
    reporter.reportComplete(peers.names, now: 25 * Self.second)
    #expect(events.all.isEmpty)
    reporter.setGroup(group)
    reporter.reportComplete(peers.names, now: 25 * Self.second)
    #expect(events.all.map(\.kind) == [.peerSilent])
  }
}
