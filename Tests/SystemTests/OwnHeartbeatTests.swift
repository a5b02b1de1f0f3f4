// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Testing

extension SystemTests {
  /// Which heartbeats are our own: those that this host sent, and no others.
  struct OwnHeartbeatTests {
    /// A group of each family, and the addresses of the first host on eth0 and eth1.
    struct Family: CustomTestStringConvertible, Sendable {
      var group: String
      var addresses: [String]
      var prefix: Int
      var testDescription: String { group }
    }

    static let families = [
      Family(group: "239.1.1.1", addresses: ["10.77.0.1", "10.77.0.51"], prefix: 24),
      Family(group: "ff15::4242", addresses: ["fd77::1", "fd77::51"], prefix: 64),
    ]

    /// Hosts on one bridge, the first with these addresses.
    private static func withHosts(
      _ count: Int, _ family: Family, isDouble: Bool = false,
      _ body: (Bridge) async throws -> Void
    ) async throws {
      try await Bridge.with(hosts: count) { bridge in
        let host = bridge.hosts[0]
        // What comes from an address of this host is dropped in IPv4 without accept_local (ip-sysctl).
        try await host.run(
          "sysctl", "-qw", "net.ipv4.conf.all.accept_local=1", "net.ipv4.conf.all.rp_filter=0",
          "net.ipv4.conf.default.accept_local=1", "net.ipv4.conf.default.rp_filter=0",
          "net.ipv4.conf.eth0.rp_filter=0"
        ).checked()
        if isDouble { try await bridge.plug(host, port: "second", address: nil, interface: "eth1") }
        for (interface, address) in zip(isDouble ? ["eth0", "eth1"] : ["eth0"], family.addresses)
        where address != "10.77.0.1" {
          let nodad = family.prefix == 64 ? ["nodad"] : []
          try await host.batch([
            (["address add \(address)/\(family.prefix) dev \(interface)"] + nodad).joined(separator: " ")
          ])
        }
        try await body(bridge)
      }
    }

    @Test(
      "a host with two interfaces in one network hears its own heartbeats on both, and is no peer of its own",
      arguments: families)
    func twoInterfaces(family: Family) async throws {
      try await Self.withHosts(1, family, isDouble: true) { bridge in
        try await bridge.hosts[0].daemon(
          "--group", family.group, "--interface", "eth0,eth1", "--interval", "100ms"
        ) { daemon in
          // Each crosses the bridge to the other interface.
          for (address, interface) in zip(family.addresses, ["eth1", "eth0"]) {
            try await daemon.lines(20) { $0.contains("\(address)") && $0.contains(" on \(interface): ATU") }
          }
          try await daemon.lines(daemon.lines.count + 40)
          #expect(["eth0", "eth1"].flatMap { daemon.toldPeers(EventID.peerDiscovered, on: $0) } == [])
          #expect(daemon.events(EventID.ownHeartbeatNotHeard) == [])
        }
        // The same with log.own=no: none has an entry.
        try await bridge.hosts[0].daemon(
          "--group", family.group, "--interface", "eth0,eth1", "--interval", "100ms", "--log-own", "no"
        ) { daemon in
          try await daemon.event(EventID.started)
          try await bridge.hosts[0].peer(
            "say", "--group", family.group, "--source", family.addresses[0], "--count", "5", "other"
          ) { _ in
            try await daemon.lines(5) { $0.hasSuffix(" on eth1: other") }
          }
          #expect(daemon.lines.filter { !$0.hasSuffix(": other") } == [])
        }
      }
    }

    @Test("a copy of our heartbeats from another host is that host's, and has entries", arguments: families)
    func copied(family: Family) async throws {
      try await Self.withHosts(2, family) { bridge in
        try await bridge.hosts[1].ip("address", "add", "fd77::2/64", "dev", "eth0", "nodad")
        let other = family.prefix == 64 ? "fd77::2" : "10.77.0.2"
        try await bridge.hosts[0].daemon(
          "--group", family.group, "--interface", "eth0", "--interval", "200ms", "--log-own", "no"
        ) { daemon in
          try await bridge.hosts[1].peer("copy-beats", "--group", family.group) { _ in
            try await daemon.lines(10)
            try await daemon.event(EventID.peerDiscovered) {
              $0["MCAST_PEER"] == other && $0["MCAST_INTERFACE"] == "eth0"
            }
          }
          #expect(daemon.datagrams.filter { $0["MCAST_SOURCE"] != other } == [])
        }
      }
    }

    private struct Peers: Decodable {
      struct Peer: Decodable {
        var state: String
        var port: Int
      }
      var peers: [Peer]
    }

    @Test(
      "after a restart a local user that has our former port is a peer, and log.own=no leaves nothing out",
      arguments: families)
    func formerPort(family: Family) async throws {
      try await Self.withHosts(1, family) { bridge in
        let host = bridge.hosts[0]
        try await RuntimeDirectory.with { directory in
          let environment = ["RUNTIME_DIRECTORY": directory]
          let options = ["--group", family.group, "--interface", "eth0", "--interval", "200ms", "--log-own"]
          let former = try await host.daemon(options + ["yes"], environment: environment) { daemon in
            try await daemon.lines(3)
            let output = try await host.run(
              Repository.binary, "peers", "--json", environment: environment
            ).checked()
            let peers = try JSONDecoder().decode(Peers.self, from: Data(output.standardOutput))
            daemon.send(signal: SIGTERM)
            #expect(try await daemon.process.exit().succeeded)
            return try #require(peers.peers.first { $0.state == "self" }?.port)
          }
          try await host.daemon(options + ["no"], environment: environment) { daemon in
            try await daemon.event(EventID.started)
            let place = [
              "--group", family.group, "--source", family.addresses[0], "--source-port", "\(former)",
            ]
            try await host.say(place + ["--count", "4"])
            try await host.say(place + ["--count", "2", "anything"])
            try await daemon.lines(6)
            #expect(daemon.lines.count { $0.contains(": ATU ") } == 4)
            #expect(daemon.lines.count { $0.hasSuffix(": anything") } == 2)
            let own = family.addresses[0]
            try await daemon.event(EventID.peerDiscovered) {
              $0["MCAST_PEER"] == own && $0["MCAST_INTERFACE"] == "eth0"
            }
          }
        }
      }
    }
  }
}

extension NetworkNamespace {
  /// Runs the program to its end.
  fileprivate func say(_ arguments: [String]) async throws {
    try await ChildProcess.run(
      ["ip", "netns", "exec", name, "python3", "-u", Repository.peer("say")] + arguments
    ).checked()
  }
}
