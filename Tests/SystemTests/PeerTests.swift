// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Testing

extension SystemTests {
  /// Who is there, who fell silent, and whether it is them or us.
  struct PeerTests {

    @Test(
      "of three daemons one is killed: the others say so once, after five intervals, and that it is back after two beats"
    )
    func killed() async throws {
      try await Bridge.with(hosts: 3) { bridge in
        let hosts = bridge.hosts
        try await RuntimeDirectory.with { directory in
          try await hosts[0].daemon("--interface", "eth0", environment: ["RUNTIME_DIRECTORY": directory]) {
            first in
            try await hosts[1].daemon("--interface", "eth0") { second in
              try await hosts[2].daemon("--interface", "eth0") { third in
                try await first.lines(4) { $0.contains(" from 10.77.0.3:") }
                third.send(signal: SIGKILL)
              }
              #expect(entries(of: "\(directory)/peers/alive").sorted() == ["10.77.0.2", "10.77.0.3"])
              for daemon in [first, second] {
                let silent = try await daemon.event(EventID.peerSilent, within: .seconds(20))
                #expect(silent["PRIORITY"] == "4")
                #expect(silent["MCAST_PEER"] == "10.77.0.3" && silent["MCAST_INTERFACE"] == "eth0")
                #expect(silent["MCAST_PEER_STATE"] == "silent")
                let interval = try #require(silent["MCAST_INTERVAL_USEC"].flatMap(Int.init))
                #expect((900_000...1_100_000).contains(interval), "µs")
                // By the daemon's own clock, from the last beat to its verdict: never early. How late, a busy
                // machine decides as well.
                let silence = try #require(silent["MCAST_SILENT_USEC"].flatMap(Int.init))
                #expect(silence >= 5 * interval, "µs")
              }
              #expect(entries(of: "\(directory)/peers/silent") == ["10.77.0.3"])
              #expect(entries(of: "\(directory)/peers/alive") == ["10.77.0.2"])
              let count = first.lines.count
              try await hosts[2].daemon("--interface", "eth0") { _ in
                let back = try await first.event(EventID.peerBack)
                #expect(back["MCAST_PEER"] == "10.77.0.3" && back["MCAST_INTERFACE"] == "eth0")
                let beats = first.lines.dropFirst(count).filter { $0.contains(" from 10.77.0.3:") }.count
                // A judgement is made once a second, and in it there may be a third.
                #expect((2...3).contains(beats), "\(back)")
                try await second.event(EventID.peerBack) { $0["MCAST_PEER"] == "10.77.0.3" }
              }
              for daemon in [first, second] {
                #expect(daemon.events(EventID.peerSilent).count == 1)
                #expect(daemon.events(EventID.peerBack).count == 1)
                #expect(daemon.toldPeers(EventID.peerDiscovered).count { $0 == "10.77.0.3" } == 1)
              }
            }
          }
        }
      }
    }

    /// The ways in which everybody is gone at once.
    enum Cut: CaseIterable {
      case segment
      case ownCable
      case ownInterface
      case firewall

      /// As `mcastd status --json` names it.
      var condition: String {
        switch self {
        case .segment: "network-silent"
        case .ownCable: "no-carrier"
        case .ownInterface: "interface-gone"
        case .firewall: "own-beats-not-heard"
        }
      }

      func set(_ isCut: Bool, _ bridge: Bridge) async throws {
        let observer = bridge.hosts[0]
        switch self {
        case .segment:
          for host in 2...bridge.hosts.count { try await bridge.setCarrier(!isCut, port: "port\(host)") }
        case .ownCable: try await bridge.setCarrier(!isCut, port: "port1")
        case .ownInterface: try await observer.ip("link", "set", "eth0", isCut ? "down" : "up")
        case .firewall:
          let rules = "table ip cut {\n chain in { type filter hook input priority 0; policy drop; }\n}\n"
          try await observer.run(
            "nft", "-f", "-", input: Array((isCut ? rules : "delete table ip cut\n").utf8)
          )
          .checked()
        }
      }
    }

    @Test(
      "nobody can be heard: all are unknown and the status says why, and nobody is accused before or after",
      arguments: Cut.allCases)
    func cut(cut: Cut) async throws {
      try await Bridge.with(hosts: 4) { bridge in
        let hosts = bridge.hosts
        try await RuntimeDirectory.with { directory in
          try await hosts[0].daemon("--interface", "eth0", environment: ["RUNTIME_DIRECTORY": directory]) {
            daemon in
            try await hosts[1].daemon("--interface", "eth0") { _ in
              try await hosts[2].daemon("--interface", "eth0") { _ in
                try await hosts[3].daemon("--interface", "eth0") { _ in
                  try await daemon.lines(4, within: .seconds(10)) { $0.contains(" from 10.77.0.4:") }
                  try await cut.set(true, bridge)
                  try await eventually("all peers are unknown", within: .seconds(20)) {
                    entries(of: "\(directory)/peers/alive").isEmpty
                      && entries(of: "\(directory)/peers/unknown").count == 3 ? true : nil
                  }
                  #expect(entries(of: "\(directory)/peers/silent") == [])
                  let status = try await eventually("the status names it") {
                    let status = try await Self.status(directory, hosts[0])
                    let conditions = status.conditions
                    return conditions.contains { $0.condition == cut.condition && $0.interface == "eth0" }
                      ? status : nil
                  }
                  #expect(status.peers == ["alive": 0, "late": 0, "silent": 0, "left": 0, "unknown": 3])
                  try await cut.set(false, bridge)
                  try await eventually("all peers are alive again") {
                    entries(of: "\(directory)/peers/alive").count == 3 ? true : nil
                  }
                  // Seven more beats: whoever were to be accused would be by now.
                  let beats = daemon.lines.filter { $0.contains(" from 10.77.0.4:") }.count
                  try await daemon.lines(beats + 7, within: .seconds(20)) { $0.contains(" from 10.77.0.4:") }
                  #expect(try await Self.status(directory, hosts[0]).conditions.isEmpty)
                  #expect(daemon.events(EventID.peerSilent) == [])
                }
              }
            }
          }
        }
      }
    }

    private struct Status: Decodable {
      struct Condition: Decodable {
        var condition: String
        var interface: String?
      }

      var peers: [String: Int]
      var conditions: [Condition]
    }

    private static func status(_ directory: String, _ host: NetworkNamespace) async throws -> Status {
      let output = try await host.run(
        Repository.binary, "status", "--json", environment: ["RUNTIME_DIRECTORY": directory]
      ).checked()
      return try JSONDecoder().decode(Status.self, from: Data(output.standardOutput))
    }

    @Test(
      "the peers of an interface that is lost are not judged, those of another one are, and none is news afterwards"
    )
    func lostInterface() async throws {
      try await Bridge.with(hosts: 3) { bridge in
        let hosts = bridge.hosts
        try await Bridge.with(hosts: 3) { other in
          try await other.plug(hosts[0], port: "observer", address: "10.79.0.1/24", interface: "eth1")
          try await hosts[0].daemon("--interface", "eth0,eth1") { daemon in
            try await Self.withSenders(Array(other.hosts[1...])) {
              try await hosts[1].peer("sender", "--interval", "0.1") { _ in
                try await daemon.lines(12) { $0.contains(" on eth1:") && $0.contains(" from 10.77.0.2:") }
                try await daemon.lines(12) { $0.contains(" on eth0:") && $0.contains(" from 10.77.0.2:") }
                try await other.namespace.ip("link", "del", "observer")
                try await daemon.event(EventID.interfaceLost) { $0["MCAST_INTERFACE"] == "eth1" }
              }
              try await daemon.event(EventID.peerSilent, within: .seconds(20))
              try await other.plug(hosts[0], port: "observer", address: "10.79.0.1/24", interface: "eth1")
              let heard = daemon.lines.filter { $0.contains(" on eth1:") }.count
              try await daemon.lines(heard + 30) { $0.contains(" on eth1:") }
              #expect(daemon.events(EventID.peerSilent).count == 1)
              #expect(daemon.toldPeers(EventID.peerSilent) == ["10.77.0.2"])
              #expect(daemon.toldPeers(EventID.peerDiscovered, on: "eth1").count == 2)
              #expect(daemon.events(EventID.peerBack) == [])
              #expect(daemon.events(EventID.networkSilent) == [])
            }
          }
        }
      }
    }

    /// A beat every 100 ms from each of the hosts.
    private static func withSenders(
      _ hosts: [NetworkNamespace], _ body: () async throws -> Void
    ) async throws {
      guard let host = hosts.first else { return try await body() }
      try await host.peer("sender", "--interval", "0.1") { _ in
        try await withSenders(Array(hosts.dropFirst()), body)
      }
    }
  }
}
