// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Platform

struct PeerInterfacesTests {
  private static let second: Int64 = 1_000_000_000
  private static let day = 86_400 * second
  private let source = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0x0a00_0005), port: 1)

  private func id(_ last: UInt64, on interface: Int32) -> PeerID {
    PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + last), interface: interface)
  }

  private func beat(_ peers: inout PeerInterfaces, _ ids: [PeerID], at seconds: ClosedRange<Int64>) {
    for time in seconds {
      for id in ids {
        peers.heard(
          HeartbeatArrival(
            arrival: time * Self.second, payload: time * 1_000_000, wallClock: time * 1_000_000, port: 5001),
          from: id)
      }
    }
  }

  /// The events, in words.
  private func judge(_ peers: inout PeerInterfaces, at seconds: Int64) -> [String] {
    let now = seconds * Self.second
    _ = peers.judge(at: now, now: now)
    return peers.takeEvents().map { event in
      let place = peers.names.name(of: event.interface)
      return switch event {
      case .discovered(let peer): "\(peer.id.subject) on \(place) discovered"
      case .silent(let peer): "\(peer.id.subject) on \(place) silent"
      case .back(let peer): "\(peer.id.subject) on \(place) back"
      case .forgotten(let peer): "\(peer.id.subject) on \(place) forgotten"
      case .evicted(let peer): "\(peer.id.subject) on \(place) evicted"
      case .left(let peer): "\(peer.id.subject) on \(place) left"
      case .returned(let peer): "\(peer.id.subject) on \(place) returned"
      case .contested(let peer, let other): "\(peer.id.subject) on \(place) also \(other)"
      case .unknown(let peer): "\(peer.id.subject) on \(place) unknown"
      case .known(let peer): "\(peer.id.subject) on \(place) known"
      case .networkSilent(let count, _, _): "\(count) on \(place) silent"
      case .networkHeard: "\(place) heard"
      }
    }
  }

  /// eth0 and eth1, with two peers on each that beat from 1 s to 20 s.
  private func twoNetworks() -> (peers: PeerInterfaces, eth0: [PeerID], eth1: [PeerID]) {
    var peers = PeerInterfaces(capacity: 100)
    #expect(peers.number(of: "eth0") == 0 && peers.number(of: "eth1") == 1)
    #expect(peers.listen(on: [0, 1], awaited: ["eth0", "eth1"], now: 0).isEmpty)
    let (eth0, eth1) = ([id(1, on: 0), id(2, on: 0)], [id(3, on: 1), id(4, on: 1)])
    beat(&peers, eth0 + eth1, at: 1...20)
    #expect(judge(&peers, at: 20).count == 4)
    return (peers, eth0, eth1)
  }

  @Test("the network of one interface is silent while that of another is heard")
  func networkOfOne() {
    var (peers, eth0, _) = twoNetworks()
    beat(&peers, eth0, at: 21...30)
    #expect(judge(&peers, at: 24) == [])
    let events = judge(&peers, at: 30)
    #expect(events.first == "2 on eth1 silent")
    #expect(Set(events.dropFirst()) == ["10.0.0.3 on eth1 unknown", "10.0.0.4 on eth1 unknown"])
    #expect(peers.networkSilent == [1])
    #expect(peers.counts == PeerCounts(alive: 2, unknown: 2))
  }

  @Test("peers of an interface that is lost are unknown, and have all their time again when it is back")
  func lost() {
    var (peers, eth0, eth1) = twoNetworks()
    #expect(peers.listen(on: [0], awaited: ["eth0", "eth1"], now: 21 * Self.second).isEmpty)
    #expect(peers.impediments.map(\.impediment) == [.interfaceGone])
    beat(&peers, eth0, at: 21...500)
    // A moment is no news.
    #expect(judge(&peers, at: 23) == [])
    #expect(Set(judge(&peers, at: 500)) == ["10.0.0.3 on eth1 unknown", "10.0.0.4 on eth1 unknown"])
    #expect(peers.counts == PeerCounts(alive: 2, unknown: 2))
    _ = peers.listen(on: [0, 1], awaited: ["eth0", "eth1"], now: 500 * Self.second)
    beat(&peers, eth0, at: 501...503)
    #expect(judge(&peers, at: 503) == [])
    beat(&peers, eth0 + [eth1[0]], at: 504...510)
    #expect(Set(judge(&peers, at: 510)) == ["10.0.0.3 on eth1 known", "10.0.0.4 on eth1 silent"])
    #expect(peers.impediments.isEmpty)
  }

  @Test("without a carrier nobody is judged, whoever it is, and a flap is no news")
  func carrier() {
    var (peers, eth0, eth1) = twoNetworks()
    peers.setWithoutCarrier([1], now: 20 * Self.second)
    beat(&peers, eth0, at: 21...40)
    #expect(judge(&peers, at: 22) == [])
    #expect(judge(&peers, at: 40).count == 2)
    #expect(peers.counts == PeerCounts(alive: 2, unknown: 2))
    peers.setWithoutCarrier([], now: 40 * Self.second)
    beat(&peers, eth0 + eth1, at: 41...42)
    #expect(judge(&peers, at: 42).count == 2)
    #expect(peers.counts == PeerCounts(alive: 4))
    peers.setWithoutCarrier([1], now: 42 * Self.second)
    peers.setWithoutCarrier([], now: 44 * Self.second)
    beat(&peers, eth0 + eth1, at: 45...46)
    #expect(judge(&peers, at: 46) == [])
  }

  /// Our own heartbeats on eth0, sent each second of these and heard never.
  private func unheard(_ seconds: ClosedRange<Int64>) -> SelfTest {
    var own = SelfTest()
    own.expect(on: [0], at: 0)
    own.sent([19 * Self.second], on: 0)
    _ = own.heard(on: 0, from: source, at: 19 * Self.second)
    own.sent(seconds.map { $0 * Self.second }, on: 0)
    return own
  }

  @Test(
    "while our own heartbeats do not come back and nobody is heard, a single peer is unknown and not silent")
  func ownNotHeard() {
    var peers = PeerInterfaces(capacity: 100)
    _ = peers.number(of: "eth0")
    _ = peers.listen(on: [0], awaited: nil, now: 0)
    let peer = id(1, on: 0)
    beat(&peers, [peer], at: 1...20)
    #expect(judge(&peers, at: 20).count == 1)
    // At 5.6 s it would be silent; ours are doubtful, and at 26 s they are missing.
    var own = unheard(21...24)
    #expect(own.isDoubtful(on: 0))
    _ = peers.judge(at: 25_600_000_000, now: 25_600_000_000, selfTest: own)
    #expect(peers.takeEvents().isEmpty)
    own.sent([25 * Self.second], on: 0)
    #expect(own.judge(at: 26 * Self.second) != nil)
    _ = peers.judge(at: 26 * Self.second, now: 26 * Self.second, selfTest: own)
    #expect(peers.counts == PeerCounts(unknown: 1))
    #expect(peers.impediments.map(\.impediment) == [.ownBeatsNotHeard])
    // Both are heard again.
    _ = own.heard(on: 0, from: source, at: 60 * Self.second)
    beat(&peers, [peer], at: 60...61)
    _ = peers.judge(at: 61 * Self.second, now: 61 * Self.second, selfTest: own)
    #expect(peers.counts == PeerCounts(alive: 1))
    #expect(judge(&peers, at: 61).contains { $0.contains("silent") } == false)
  }

  @Test("where others are heard it does not matter that our own heartbeats do not come back")
  func ownNotHeardButOthers() {
    var (peers, eth0, eth1) = twoNetworks()
    var own = unheard(20...40)
    _ = own.judge(at: 30 * Self.second)
    beat(&peers, [eth0[0]] + eth1, at: 21...40)
    _ = peers.judge(at: 40 * Self.second, now: 40 * Self.second, selfTest: own)
    #expect(peers.counts == PeerCounts(alive: 3, silent: 1))
  }

  @Test(
    "where the kernel drops too much nobody is silent; who is not heard is unknown until it is judged again")
  func drops() {
    var (peers, eth0, eth1) = twoNetworks()
    peers.note(.suspended(share: 0.3), since: 20 * Self.second, now: 21 * Self.second)
    beat(&peers, [eth0[0]] + eth1, at: 21...40)
    #expect(judge(&peers, at: 40) == ["10.0.0.2 on eth0 unknown"])
    #expect(peers.counts == PeerCounts(alive: 3, unknown: 1))
    peers.note(.resumed(after: 20 * Self.second), since: 20 * Self.second, now: 40 * Self.second)
    beat(&peers, [eth0[0]] + eth1, at: 41...46)
    #expect(judge(&peers, at: 46) == ["10.0.0.2 on eth0 silent"])
  }

  @Test(
    "an interface that comes while verdicts are suspended is not judged either, until they are given again")
  func dropsBeforeTheInterface() {
    var peers = PeerInterfaces(capacity: 100)
    _ = (peers.number(of: "eth0"), peers.number(of: "eth1"))
    _ = peers.listen(on: [0], awaited: nil, now: 0)
    peers.note(.suspended(share: 0.3), since: 0, now: Self.second)
    _ = peers.listen(on: [0, 1], awaited: nil, now: 2 * Self.second)
    beat(&peers, [id(3, on: 1)], at: 3...20)
    _ = judge(&peers, at: 60)
    #expect(peers.counts == PeerCounts(unknown: 1))
    peers.note(.resumed(after: Self.second), since: 0, now: 60 * Self.second)
    #expect(peers.impediments.isEmpty)
    _ = peers.listen(on: [0], awaited: ["eth0"], now: 61 * Self.second)
    _ = peers.listen(on: [0, 1], awaited: nil, now: 62 * Self.second)
    #expect(peers.impediments.isEmpty)
  }

  @Test("a flood of sources on one interface takes no places from peers on another")
  func floodOfOne() {
    var peers = PeerInterfaces(capacity: 16)
    _ = (peers.number(of: "eth0"), peers.number(of: "eth1"))
    _ = peers.listen(on: [0, 1], awaited: nil, now: 0)
    let dead = id(200, on: 1)
    beat(&peers, [dead], at: 1...30)
    _ = judge(&peers, at: 50)
    #expect(peers.report(of: dead)?.state == .silent)
    for number: UInt64 in 1...60 {
      let start = 50 * Self.second + Int64(number) * 400_000_000
      for beat: Int64 in 0...2 {
        let arrival = start + beat * 20_000_000
        peers.heard(
          HeartbeatArrival(arrival: arrival, payload: arrival / 1000, wallClock: arrival / 1000, port: 1),
          from: id(number, on: 0))
        peers.share(now: arrival)
      }
    }
    let newcomer = id(201, on: 1)
    for second: Int64 in 80...84 {
      beat(&peers, [newcomer], at: second...second)
      peers.share(now: second * Self.second)
    }
    #expect(peers.report(of: dead)?.state == .silent)
    #expect(peers.report(of: newcomer)?.state == .alive)
    #expect(peers.counts.total <= 16)
  }

  @Test("peers of an interface that is not asked for any more are forgotten without a word")
  func notAwaited() {
    var (peers, eth0, eth1) = twoNetworks()
    #expect(Set(peers.listen(on: [0], awaited: ["eth0"], now: 21 * Self.second)) == Set(eth1))
    beat(&peers, eth0, at: 21...40)
    #expect(judge(&peers, at: 40) == [])
    #expect(peers.counts.total == 2)
  }

  @Test("an interface that is gone for a day is forgotten with its peers")
  func day() {
    var (peers, eth0, eth1) = twoNetworks()
    _ = peers.listen(on: [0], awaited: nil, now: 21 * Self.second)
    let now = 22 * Self.second + Self.day
    beat(&peers, eth0, at: 21...30)
    let unwanted = peers.judge(at: 30 * Self.second, now: now)
    #expect(Set(unwanted) == Set(eth1))
    #expect(peers.counts.total == 2)
  }

  @Test("peers.max is for all interfaces together")
  func capacity() {
    var peers = PeerInterfaces(capacity: 10)
    _ = (peers.number(of: "eth0"), peers.number(of: "eth1"))
    _ = peers.listen(on: [0, 1], awaited: nil, now: 0)
    for number: UInt64 in 1...8 {
      beat(&peers, [id(number, on: 0)], at: 1...3)
      peers.share(now: 3 * Self.second)
      beat(&peers, [id(100 + number, on: 1)], at: 1...3)
      peers.share(now: 3 * Self.second)
    }
    #expect(peers.counts.total == 10)
    #expect(peers.counts.refused > 0)
  }

  @Test("the next process takes up each interface where it was, outages included")
  func heir() throws {
    var (peers, eth0, eth1) = twoNetworks()
    _ = peers.listen(on: [0], awaited: nil, now: 21 * Self.second)
    beat(&peers, eth0, at: 21...300)
    #expect(judge(&peers, at: 300).count == 2)
    var heir = PeerInterfaces(
      restoring: peers.snapshots(at: 300 * Self.second), names: peers.names, capacity: 100,
      at: 301 * Self.second, isGapless: true)
    _ = heir.listen(on: [0, 1], awaited: nil, now: 301 * Self.second)
    beat(&heir, eth0 + eth1, at: 301...320)
    #expect(Set(judge(&heir, at: 320)) == ["10.0.0.3 on eth1 known", "10.0.0.4 on eth1 known"])
    #expect(heir.counts.alive == 4)
  }
}
