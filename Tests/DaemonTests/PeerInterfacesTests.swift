// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Multicast
import Testing

@testable import Daemon

struct PeerInterfacesTests {
  private static let second: Int64 = 1_000_000_000
  private static let day = 86_400 * second

  private func id(_ last: UInt64, on interface: Int32) -> PeerID {
    PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + last), interface: interface)
  }

  private func beat(_ peers: inout PeerInterfaces, _ ids: [PeerID], at seconds: ClosedRange<Int64>) {
    for time in seconds {
      for id in ids {
        peers.heard(
          Beat(arrival: time * Self.second, payload: time * 1_000_000, offset: 0, port: 5001), from: id)
      }
    }
  }

  /// What was said, in words.
  private func judge(_ peers: inout PeerInterfaces, at seconds: Int64) -> [String] {
    let now = seconds * Self.second
    return peers.judge(at: now, now: now).events.map { event in
      let place = peers.names.name(of: event.interface)
      return switch event.event {
      case .discovered(let peer): "\(peer.id.address) on \(place) discovered"
      case .silent(let peer): "\(peer.id.address) on \(place) silent"
      case .back(let peer): "\(peer.id.address) on \(place) back"
      case .forgotten(let peer): "\(peer.id.address) on \(place) forgotten"
      case .networkSilent(let count, _): "\(count) on \(place) silent"
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
    #expect(judge(&peers, at: 30) == ["2 on eth1 silent"])
    #expect(peers.networkSilent == [1])
  }

  @Test("peers of an interface that is lost are not judged, and have all their time again when it is back")
  func lost() {
    var (peers, eth0, eth1) = twoNetworks()
    #expect(peers.listen(on: [0], awaited: ["eth0", "eth1"], now: 21 * Self.second).isEmpty)
    #expect(peers.isDeaf(1) && !peers.isDeaf(0))
    beat(&peers, eth0, at: 21...500)
    #expect(judge(&peers, at: 500) == [])
    #expect(peers.counts.alive == 4)
    _ = peers.listen(on: [0, 1], awaited: ["eth0", "eth1"], now: 500 * Self.second)
    beat(&peers, eth0, at: 501...503)
    #expect(judge(&peers, at: 503) == [])
    beat(&peers, eth0 + [eth1[0]], at: 504...510)
    #expect(judge(&peers, at: 510) == ["10.0.0.4 on eth1 silent"])
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
    let (_, unwanted) = peers.judge(at: 30 * Self.second, now: now)
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
      peers.share()
      beat(&peers, [id(100 + number, on: 1)], at: 1...3)
      peers.share()
    }
    #expect(peers.counts.total == 10)
    #expect(peers.counts.refused > 0)
  }

  @Test("an heir takes up each interface where it was, deafness included")
  func heir() throws {
    var (peers, eth0, eth1) = twoNetworks()
    _ = peers.listen(on: [0], awaited: nil, now: 21 * Self.second)
    beat(&peers, eth0, at: 21...300)
    #expect(judge(&peers, at: 300) == [])
    let kept = KeptPeers(
      group: "239.1.1.1:5001", snapshots: peers.snapshots(at: 300 * Self.second), names: peers.names,
      isComplete: true)
    var heir = PeerInterfaces(restoring: kept, capacity: 100, at: 301 * Self.second, isGapless: true)
    _ = heir.listen(on: [0, 1], awaited: nil, now: 301 * Self.second)
    beat(&heir, eth0 + eth1, at: 301...320)
    #expect(judge(&heir, at: 320) == [])
    #expect(heir.counts.alive == 4)
  }
}
