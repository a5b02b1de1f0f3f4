// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Journal
@testable import Liveness
@testable import Monitor
@testable import Platform

private let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

struct EventRateLimiterTests {
  private static let second: Int64 = 1_000_000_000

  private static func address(_ number: UInt64) -> IPAddress {
    IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + number)
  }

  /// Peers as the table knows them, each heard for so many seconds.
  private func peers(_ numbers: Range<UInt64>, seconds: Int64 = 20) -> [PeerReport<PeerID>] {
    var table = PeerTable<PeerID>(capacity: 10_000)
    for beat in 0...seconds {
      for number in numbers {
        table.heard(
          HeartbeatArrival(
            arrival: beat * Self.second, payload: beat * 1_000_000, wallClock: beat * 1_000_000, port: 1),
          from: PeerID(address: Self.address(number), interface: 0))
      }
    }
    return numbers.compactMap { table.report(of: PeerID(address: Self.address($0), interface: 0)) }
  }

  private func silent(_ peer: PeerReport<PeerID>, on interface: Int32 = 0) -> PeerEvent<PeerID> {
    var peer = peer
    peer.id = PeerID(peer.id.subject, interface: interface)
    return .silent(peer)
  }

  @Test("a peer that is silent alone is reported at once")
  func alone() throws {
    var limiter = EventRateLimiter()
    let peer = try #require(peers(1..<2).first)
    limiter.add(silent(peer), of: group, on: "eth0", now: 5, isAlone: true)
    #expect(limiter.nextDue == 5)
    let told = limiter.take(now: 5, isFinal: false)
    #expect(told.map(\.count) == [1] && told.map(\.at) == [5])
    #expect(told.map(\.addresses) == [[Self.address(1)]])
    #expect(limiter.nextDue == nil && limiter.take(now: .max / 2, isFinal: false).isEmpty)
  }

  @Test("61 peers that stop within a second are one entry, as soon as nobody else is late")
  func together() {
    var limiter = EventRateLimiter()
    for (number, peer) in peers(1..<62).enumerated() {
      let now = Int64(number) * Self.second / 60
      limiter.note(silent(peer), now: now, isAlone: number == 60)
      if number < 60 { #expect(limiter.take(now: now, isFinal: false).isEmpty) }
    }
    let told = limiter.take(now: Self.second, isFinal: false)
    #expect(told.map(\.count) == [61])
    #expect(told.first?.addresses == (1..<62).map(Self.address))
  }

  @Test(
    "where others are late for another reason, it is reported a second later, and many three after the first"
  )
  func late() {
    let peers = peers(1..<40)
    var limiter = EventRateLimiter()
    limiter.note(silent(peers[0]), now: 0)
    #expect(limiter.nextDue == EventRateLimiter.gap)
    #expect(limiter.take(now: EventRateLimiter.gap - 1, isFinal: false).isEmpty)
    #expect(limiter.take(now: EventRateLimiter.gap, isFinal: false).count == 1)
    for (number, peer) in peers.enumerated() {
      let now = 10 * Self.second + Int64(number) * Self.second / 2
      limiter.note(silent(peer), now: now)
      let told = limiter.take(now: now, isFinal: false)
      if number == 6 { #expect(told.map(\.count) == [7]) }
      if number < 6 { #expect(told.isEmpty) }
    }
  }

  @Test("what differs in kind or interface has entries of its own, in the order in which it began")
  func kinds() throws {
    let peers = peers(1..<5)
    var limiter = EventRateLimiter()
    limiter.note(silent(peers[0]), now: 1)
    limiter.note(.back(peers[1]), now: 2)
    limiter.note(silent(peers[2], on: 1), now: 3)
    limiter.note(silent(peers[3]), now: 4)
    let told = limiter.take(now: 4, isFinal: true)
    #expect(told.map(\.count) == [2, 1, 1])
    #expect(told.map(\.at) == [nil, 2, 3])
    #expect(told.map(\.kind) == [.peerSilent, .peerBack, .peerSilent])
    #expect(told.map(\.interface) == ["eth0", "eth0", "eth1"])
  }

  @Test("what happens in another group has an entry of its own, with that group")
  func groups() throws {
    let peers = peers(1..<3)
    let other = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0102), port: 5001)
    var limiter = EventRateLimiter()
    for (peer, group) in zip(peers, [group, other]) {
      limiter.add(silent(peer), of: group, on: "eth0", now: 1, isAlone: false)
    }
    #expect(limiter.take(now: 1, isFinal: true).map(\.group) == [group, other])
  }

  @Test("a peer that is silent again while others are waited for has another entry")
  func again() {
    let peers = peers(1..<3)
    var limiter = EventRateLimiter()
    for (number, peer) in [peers[0], peers[1], peers[0], peers[1]].enumerated() {
      limiter.note(silent(peer), now: Int64(number))
    }
    #expect(
      limiter.take(now: 2 * EventRateLimiter.gap, isFinal: false).map(\.addresses) == [
        [Self.address(1), Self.address(2)], [Self.address(1), Self.address(2)],
      ])
  }

  @Test("established peers are named first, and there is room for them whatever a flood of newcomers does")
  func established() {
    let old = peers(1..<20)
    let young = peers(1000..<2000, seconds: 2)
    var limiter = EventRateLimiter()
    for peer in young + old { limiter.note(silent(peer), now: 0) }
    let told = limiter.take(now: 0, isFinal: true)
    #expect(told.map(\.count) == [1019])
    #expect(told.first?.addresses.prefix(19) == (1..<20).map(Self.address)[...])
    #expect(told.first?.addresses.count == 19 + EventRateLimiter.remembered)
  }

  @Test("a flood of newcomers takes no entries from established peers, and is counted")
  func newcomers() throws {
    var limiter = EventRateLimiter()
    let young = peers(1000..<1200, seconds: 2)
    var told = 0
    for peer in young {
      limiter.note(silent(peer), now: 0)
      told += limiter.take(now: 0, isFinal: true).count
    }
    #expect(told == Int(EventRateLimiter.newcomerBurst))
    let old = try #require(peers(1..<2).first)
    limiter.note(silent(old), now: 0)
    #expect(limiter.take(now: 0, isFinal: true).count == 1)
    #expect(limiter.takeSuppressed(now: 0, isFinal: false)?.suppressed?.count == UInt64(200 - told))
    #expect(limiter.takeSuppressed(now: Self.second, isFinal: false) == nil)
    // It goes on: counted, and told after 10 s.
    for peer in young.prefix(5) { limiter.note(silent(peer), now: Self.second) }
    _ = limiter.take(now: Self.second, isFinal: true)
    #expect(limiter.takeSuppressed(now: 9 * Self.second, isFinal: false) == nil)
    #expect(limiter.takeSuppressed(now: 10 * Self.second, isFinal: false)?.suppressed?.count == 5)
  }

  @Test("that peers cannot be judged has one entry, not one for each")
  func unknown() throws {
    var limiter = EventRateLimiter()
    let peer = try #require(peers(1..<2).first)
    for event: PeerEvent<PeerID> in [
      .unknown(peer), .known(peer), .forgotten(peer), .networkSilent(peers: 3, last: peer.id, since: 0),
      .networkHeard(by: peer.id, at: 2, silentFor: 1),
    ] {
      limiter.add(event, of: group, on: "eth0", now: 0, isAlone: false)
    }
    #expect(limiter.nextDue == nil && limiter.takeSuppressed(now: 0, isFinal: true) == nil)
  }
}

extension EventRateLimiter {
  fileprivate mutating func note(_ event: PeerEvent<PeerID>, now: Int64, isAlone: Bool = false) {
    add(event, of: group, on: "eth\(event.interface)", now: now, isAlone: isAlone)
  }
}

extension Event {
  /// Of an entry about peers: how many, which, since when and where.
  private var entry: (count: Int, subjects: [PeerSubject], at: Int64?, interface: String, group: Endpoint)? {
    switch self {
    case .peer(.one(let event, let moment, let interface), let group):
      (1, [event.id.subject], moment, interface, group)
    case .peer(.several(_, let count, let subjects, let interface), let group):
      (count, subjects, nil, interface, group)
    default: nil
    }
  }

  fileprivate var count: Int { entry?.count ?? 0 }
  fileprivate var addresses: [IPAddress] { (entry?.subjects ?? []).compactMap(\.address) }
  fileprivate var at: Int64? { entry?.at }
  fileprivate var interface: String? { entry?.interface }
  fileprivate var group: Endpoint? { entry?.group }
  fileprivate var kind: MessageKind? { EventCatalogue.entry(of: self)?.kind }

  fileprivate var suppressed: SummaryPace.Summary? {
    if case .peer(.suppressed(let summary), _) = self { summary } else { nil }
  }
}

struct PeerListTests {
  private func addresses(_ count: Int) -> [PeerSubject] {
    (1...count).map { .address(IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + UInt64($0))) }
  }

  @Test("ten are named, and how many more there are")
  func text() {
    let list = PeerList(addresses(61), of: 61)
    #expect(
      list.text
        == "10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7, 10.0.0.8, 10.0.0.9, "
        + "10.0.0.10 and 51 more")
    #expect(PeerList(addresses(2), of: 2).text == "10.0.0.1, 10.0.0.2")
    #expect(PeerList(addresses(10), of: 10).text.hasSuffix("10.0.0.9, 10.0.0.10"))
  }

  @Test("the field has all that fit into 4 KiB, in whole addresses, and the count has all")
  func field() throws {
    let list = PeerList(addresses(700), of: 5000)
    let names = try #require(list.fields["MCAST_PEERS"])
    #expect(list.fields["MCAST_COUNT"] == "5000" && list.text.hasSuffix(" and 4990 more"))
    #expect((4080...4096).contains(names.utf8.count))
    #expect(names.split(separator: ",").allSatisfy { IPAddress($0) != nil })
    #expect(PeerList(addresses(61), of: 61).fields["MCAST_PEERS"]?.split(separator: ",").count == 61)
  }
}
