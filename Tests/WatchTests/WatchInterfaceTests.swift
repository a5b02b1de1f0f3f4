// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Liveness
@testable import Platform
@testable import Watch

/// The live view of a host with two interfaces: each network is judged by itself, as the daemon does.
@Suite("the live view of two interfaces")
struct WatchInterfaceTests {
  private let eth0 = [5, 6, 7]
  private let eth1 = [15, 16, 17]

  /// Three peers on each interface, heard for 12 s.
  private func allAlive() throws -> WatchFixture {
    var fixture = try WatchFixture(interfaces: ["eth0", "eth1"])
    fixture.pass(seconds: 12, hosts: [1: eth0, 2: eth1])
    return fixture
  }

  private func lines(_ fixture: WatchFixture) -> [String] {
    var view = LiveView(hasKeys: true)
    return FrameRenderer(style: .utf8).draw(
      fixture.model, &view, at: fixture.now, size: .standard
    ).lines
  }

  @Test("when all peers of one stop that network is silent, none of them is, and the others stay alive")
  func oneNetworkSilent() throws {
    var fixture = try allAlive()
    fixture.pass(seconds: 10, hosts: [1: eth0])
    let lines = lines(fixture)
    #expect(lines[3] == "peers     3 alive · 3 unknown · network silent on eth1")
    #expect(lines[6...8].allSatisfy { $0.contains(" unknown ") && $0.contains(" eth1 ") }, "\(lines)")
    #expect(lines[9...11].allSatisfy { $0.contains(" alive ") && $0.contains(" eth0 ") }, "\(lines)")
    #expect(!lines.contains { $0.hasPrefix("○") })
    #expect(
      fixture.model.summary(at: fixture.now.monotonic).hasSuffix(
        "; 3 peers alive, 3 unknown; network silent on eth1"))
    fixture.pass(seconds: 3, hosts: [1: eth0, 2: eth1])
    #expect(self.lines(fixture)[3] == "peers     6 alive")
  }

  @Test("when all peers of both stop no peer is heard, since the last beat of any")
  func bothSilent() throws {
    var fixture = try allAlive()
    fixture.pass(seconds: 10, hosts: [1: eth0])
    fixture.pass(seconds: 10, hosts: [:] as [UInt32: [Int]])
    #expect(lines(fixture)[3] == "peers     network silent for 10.3s: no peer is heard")
    #expect(
      fixture.model.summary(at: fixture.now.monotonic).hasSuffix(
        "; 0 peers alive, 6 unknown; network silent on eth0, eth1"))
  }

  @Test("an interface without peers does not count when the network of the others is silent")
  func oneWithoutPeers() throws {
    var fixture = try WatchFixture(interfaces: ["eth0", "eth1"])
    fixture.pass(seconds: 10, hosts: [2: eth1])
    fixture.pass(seconds: 10, hosts: [:] as [UInt32: [Int]])
    #expect(lines(fixture)[3] == "peers     network silent for 10.3s: no peer is heard")
  }

  @Test("the peers of an interface that is gone are unknown until it is back, and keep their interface")
  func gone() throws {
    var fixture = try allAlive()
    fixture.join([WatchFixture.interface(1, "eth0")], awaited: ["eth0", "eth1"])
    fixture.pass(seconds: 10, hosts: [1: eth0])
    let lines = lines(fixture)
    #expect(lines[3] == "peers     3 alive · 3 unknown · not joined on eth1")
    #expect(lines[6].contains("10.0.0.15 eth1 ") && lines[9].contains("10.0.0.5  eth0 "), "\(lines)")
    // Put back, it has another index.
    fixture.join([WatchFixture.interface(1, "eth0"), WatchFixture.interface(9, "eth1")])
    fixture.pass(seconds: 3, hosts: [1: eth0, 9: eth1])
    #expect(self.lines(fixture)[3] == "peers     6 alive")
  }

  @Test("the peers of an interface that is not awaited are removed with it")
  func notAwaited() throws {
    var fixture = try allAlive()
    fixture.join([WatchFixture.interface(1, "eth0")], awaited: ["eth0"])
    fixture.pass(seconds: 10, hosts: [1: eth0])
    #expect(fixture.model.peers.counts == PeerCounts(alive: 3))
    #expect(!lines(fixture).contains { $0.contains("eth1") })
  }

  @Test("a lost carrier makes the peers of its interface unknown")
  func withoutCarrier() throws {
    var fixture = try allAlive()
    fixture.join([
      WatchFixture.interface(1, "eth0"), WatchFixture.interface(2, "eth1", hasCarrier: false),
    ])
    fixture.pass(seconds: 10, hosts: [1: eth0])
    #expect(lines(fixture)[3] == "peers     3 alive · 3 unknown · no carrier on eth1")
  }

  @Test("while the kernel drops too much no peer is judged, on any interface")
  func drops() throws {
    var fixture = try allAlive()
    fixture.model.noteDrops(72, at: fixture.now.monotonic)
    fixture.pass(seconds: 10, hosts: [1: eth0])
    #expect(
      lines(fixture)[3] == "peers     3 alive · 3 unknown · verdicts suspended, the kernel drops too much")
    fixture.model.noteDrops(0, at: fixture.now.monotonic)
    fixture.pass(seconds: 3, hosts: [1: eth0, 2: eth1])
    #expect(lines(fixture)[3] == "peers     6 alive")
  }

  @Test("a sender on this host is judged on the interface that it is heard on")
  func ownSenders() throws {
    var fixture = try WatchFixture(interfaces: ["eth0", "eth1"])
    fixture.pass(seconds: 12, hosts: [1: [1], 2: [1]])
    fixture.pass(seconds: 10, hosts: [1: [1]])
    #expect(fixture.model.own.counts == PeerCounts(alive: 1, silent: 1))
    #expect(fixture.model.peers.counts == PeerCounts())
    #expect(lines(fixture)[2] == "own beat  ● 0.9s ago · every 1s · from 10.0.0.1 · and 1 more")
  }

  @Test("no peer is silent for what waits in the socket")
  func backlog() throws {
    var fixture = try allAlive()
    fixture.stall(seconds: 30)
    fixture.model.judge(at: fixture.now.monotonic)
    #expect(fixture.model.peers.counts == PeerCounts(alive: 6))
    fixture.empty()
    fixture.model.judge(at: fixture.now.monotonic)
    #expect(fixture.model.peers.counts == PeerCounts(unknown: 6))
  }
}
