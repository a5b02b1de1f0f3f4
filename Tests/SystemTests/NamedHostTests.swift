// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Testing

extension SystemTests {
  /// Hosts that name themselves, and say goodbye.
  struct NamedHostTests {
    @Test(
      "a host is known by its name everywhere, from whichever address it sends, and its restart is one notice"
    )
    func named() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let hosts = bridge.hosts
        try await RuntimeDirectory.with { directory in
          try await hosts[0].daemon(
            "--interface", "eth0", "--peers-expected", "ups2,ups9",
            environment: ["RUNTIME_DIRECTORY": directory]
          ) { daemon in
            let arguments = ["--interface", "eth0", "--name", "ups2", "--interval", "200ms"]
            try await hosts[1].daemon(arguments) { other in
              let new = try await daemon.event(EventID.peerDiscovered)
              #expect(new["MCAST_HOST"] == "ups2" && new["MCAST_PEER"] == "10.77.0.2")
              // Announced, and not learned.
              #expect(new["MCAST_INTERVAL_USEC"] == "200000")
              #expect(entries(of: "\(directory)/peers/alive") == ["ups2"])
              #expect(entries(of: "\(directory)/peers/unknown") == ["ups9"])
              try await hosts[1].ip("address", "del", "10.77.0.2/24", "dev", "eth0")
              try await hosts[1].ip("address", "add", "10.77.0.102/24", "dev", "eth0")
              try await daemon.lines(5) {
                $0.contains(" from 10.77.0.102:") && $0.contains(" host=ups2 run=")
              }
              let peer = try await Self.peer("ups2", directory, hosts[0])
              #expect(peer.address == "10.77.0.102" && peer.state == "alive" && peer.missed == 0)
              other.send(signal: SIGTERM)
              try await daemon.event(EventID.peerLeft)
            }
            let left = try await daemon.event(EventID.peerLeft)
            #expect(
              left["MCAST_HOST"] == "ups2" && left["PRIORITY"] == "5" && left["MCAST_PEER_STATE"] == "left")
            #expect(entries(of: "\(directory)/peers/left") == ["ups2"])
            try await hosts[1].daemon(arguments) { _ in
              try await eventually("it is alive again") {
                entries(of: "\(directory)/peers/alive") == ["ups2"] ? true : nil
              }
              try await daemon.lines(daemon.lines.count + 5) { $0.contains(" host=ups2 run=") }
              let peer = try await Self.peer("ups2", directory, hosts[0])
              #expect(peer.restarts == 1 && peer.missed == 0 && peer.duplicates == 0 && peer.reordered == 0)
            }
            #expect(daemon.toldPeers(EventID.peerDiscovered).count == 1)
            #expect(daemon.events(EventID.peerSilent).allSatisfy { $0["MCAST_HOST"] == "ups9" })
          }
        }
      }
    }

    @Test("who is stopped has left within 100 ms of its goodbye and is never silent, who is killed is silent")
    func stopped() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let hosts = bridge.hosts
        try await hosts[0].daemon("--interface", "eth0") { daemon in
          try await hosts[1].daemon("--interface", "eth0", "--interval", "500ms") { other in
            try await daemon.event(EventID.peerDiscovered) { $0["MCAST_PEER"] == "10.77.0.2" }
            other.send(signal: SIGTERM)
            let left = try await daemon.event(EventID.peerLeft)
            let received = try #require(
              daemon.lines.first { $0.contains(" from 10.77.0.2:") && $0.hasSuffix(" bye=stop") })
            #expect(received.contains("received 39 bytes"))
            #expect(left["MCAST_PEER"] == "10.77.0.2" && left["MCAST_HOST"] == nil)
          }
          // The goodbye, once more.
          try await daemon.lines(2) { $0.hasSuffix(" bye=stop") }
          try await hosts[1].daemon("--interface", "eth0", "--interval", "500ms") { other in
            try await daemon.lines(daemon.lines.count + 4) { $0.contains(" from 10.77.0.2:") }
            other.send(signal: SIGKILL)
            try await daemon.event(EventID.peerSilent, within: .seconds(20))
          }
          #expect(daemon.events(EventID.peerLeft).count == 1)
        }
      }
    }

    @Test("without a name the Python receiver sees 30 bytes each, and a goodbye at the end")
    func plain() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        try await bridge.hosts[1].peer("receiver") { receiver in
          try await receiver.line { $0 == "ready" }
          try await bridge.hosts[0].daemon("--interface", "eth0", "--interval", "200ms") { daemon in
            try await receiver.lines(5) { $0.contains(" 10.77.0.1 30 ATU ") }
            daemon.send(signal: SIGTERM)
            try await receiver.lines(2) { $0.hasSuffix(" bye=stop") }
          }
          try await receiver.lines(2) { $0.contains(" 10.77.0.1 39 ATU ") && $0.hasSuffix(" bye=stop") }
          let sizes = receiver.lines.compactMap { $0.firstMatch(of: #/ 10\.77\.0\.1 (\d+) ATU/#)?.1 }
          #expect(sizes.dropLast(2).allSatisfy { $0 == "30" } && sizes.suffix(2) == ["39", "39"])
        }
      }
    }

    @Test("another name after a reload is another peer, and the one before has left")
    func renamed() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let hosts = bridge.hosts
        try await RuntimeDirectory.with { directory in
          let file = "\(directory)/other.conf"
          try Self.configure(file, "")
          try await hosts[0].daemon("--interface", "eth0", environment: ["RUNTIME_DIRECTORY": directory]) {
            daemon in
            try await hosts[1].daemon("--config", file) { other in
              try await daemon.event(EventID.peerDiscovered) { $0["MCAST_PEER"] == "10.77.0.2" }
              var known = ["10.77.0.2"]
              for name in ["ups2", "ups3"] {
                try Self.configure(file, "name=\(name)\n")
                other.send(signal: SIGHUP)
                try await daemon.event(EventID.peerDiscovered) { $0["MCAST_HOST"] == name }
                #expect(entries(of: "\(directory)/peers/alive") == [name])
                #expect(
                  Set(entries(of: "\(directory)/peers/left")) == Set(known.filter { $0.hasPrefix("ups") }))
                known.append(name)
              }
              try await daemon.lines(daemon.lines.count + 30)
            }
            #expect(daemon.events(EventID.peerSilent) == [])
            #expect(daemon.events(EventID.peerLeft).count == 2)
          }
        }
      }
    }

    @Test("two hosts with one name are told once, with both addresses")
    func nameUsedTwice() async throws {
      try await Bridge.with(hosts: 3) { bridge in
        let hosts = bridge.hosts
        try await hosts[0].daemon("--interface", "eth0") { daemon in
          let arguments = ["--interface", "eth0", "--name", "ups2", "--interval", "100ms"]
          try await hosts[1].daemon(arguments) { _ in
            try await hosts[2].daemon(arguments) { _ in
              let twice = try await daemon.event(EventID.nameUsedTwice)
              #expect(twice["MCAST_HOST"] == "ups2" && twice["PRIORITY"] == "4")
              let addresses = Set([twice["MCAST_PEER"], twice["MCAST_OTHER"]].compactMap { $0 })
              #expect(addresses == ["10.77.0.2", "10.77.0.3"])
              try await daemon.lines(daemon.lines.count + 30)
            }
          }
          #expect(daemon.events(EventID.nameUsedTwice).count == 1)
        }
      }
    }

    @Test(
      "what is lost on the way is counted exactly by its number",
      arguments: [(1, 100), (5, 100), (20, 100), (40, 100)])
    func loss(share: Int, of all: Int) async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let hosts = bridge.hosts
        try await RuntimeDirectory.with { directory in
          try await hosts[0].daemon(
            "--interface", "eth0", environment: ["RUNTIME_DIRECTORY": directory]
          ) { daemon in
            try await hosts[1].daemon("--interface", "eth0", "--name", "ups2", "--interval", "10ms") { _ in
              try await daemon.event(EventID.peerDiscovered)
              let rules = """
                table ip lossy {
                 counter lost { }
                 chain in {
                  type filter hook prerouting priority -300;
                  ip saddr 10.77.0.2 udp dport 5001 numgen random mod \(all) < \(share) counter name lost drop
                 }
                }
                """
              try await hosts[0].run("nft", "-f", "-", input: Array(rules.utf8)).checked()
              try await daemon.lines(daemon.lines.count + 600, within: .seconds(60)) {
                $0.contains(" host=ups2 ")
              }
              try await hosts[0].run("nft", "flush", "chain", "ip", "lossy", "in").checked()
              try await daemon.lines(daemon.lines.count + 20) { $0.contains(" host=ups2 ") }
              let counter = try await hosts[0].run("nft", "list", "counter", "ip", "lossy", "lost").checked()
              let text = String(decoding: counter.standardOutput, as: UTF8.self)
              let lost = try #require(text.firstMatch(of: /packets (\d+)/)).1
              let peer = try await Self.peer("ups2", directory, hosts[0])
              #expect(peer.missed == Int(lost) && peer.duplicates == 0 && peer.reordered == 0)
            }
          }
        }
      }
    }

    private static func configure(_ path: String, _ lines: String) throws {
      let file = try #require(fopen(path, "w"))
      fputs("interface=eth0\ninterval=200ms\n" + lines, file)
      fclose(file)
    }

    private struct Peer: Decodable {
      var host: String
      var address: String
      var state: String
      var missed: Int
      var duplicates: Int
      var reordered: Int
      var restarts: Int
    }

    private struct Peers: Decodable { var peers: [Peer] }

    private static func peer(
      _ name: String, _ directory: String, _ host: NetworkNamespace
    ) async throws -> Peer {
      // A listing is at most a second old.
      try await eventually("it is listed") {
        let output = try await host.run(
          Repository.binary, "peers", "--json", environment: ["RUNTIME_DIRECTORY": directory]
        ).checked()
        let peers = try JSONDecoder().decode(Peers.self, from: Data(output.standardOutput)).peers
        return peers.first { $0.host == name }
      }
    }
  }
}
