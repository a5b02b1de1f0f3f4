// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Testing

extension SystemTests {
  /// Who is there, who fell silent, and whether it is them or us.
  struct PeerTests {
    private static func address(_ number: Int) -> String { Bridge.address(ofHost: number) }

    private static func isSilent(_ number: Int) -> @Sendable (String) -> Bool {
      { $0.contains("peer \(Bridge.address(ofHost: number)) on eth0 is silent") }
    }

    @Test(
      "of three daemons one is killed: the others say so 5 to 6 s after its last beat, and that it is back after two"
    )
    func killed() async throws {
      try await Bridge.with(hosts: 3) { bridge in
        let hosts = bridge.hosts
        try await RuntimeDirectory.with { directory in
          try await hosts[0].daemon("--interface", "eth0", environment: ["RUNTIME_DIRECTORY": directory]) {
            first in
            try await hosts[1].daemon("--interface", "eth0") { second in
              let clock = ContinuousClock()
              var lastBeat = clock.now
              try await hosts[2].daemon("--interface", "eth0") { third in
                try await first.lines(4) { $0.contains(" from 10.77.0.3:") }
                lastBeat = clock.now
                third.send(signal: SIGKILL)
              }
              #expect(entries(of: "\(directory)/peers/alive").sorted() == ["10.77.0.2", "10.77.0.3"])
              for daemon in [first, second] {
                let told = try await daemon.event(within: .seconds(8), Self.isSilent(3))
                #expect(told.contains(#/nothing heard for 5\.[5-9] s, expected every 1\.0 s$/#), "\(told)")
                let time = clock.now - lastBeat
                #expect((.seconds(5)...(.milliseconds(6_200))).contains(time), "\(time)")
              }
              #expect(entries(of: "\(directory)/peers/silent") == ["10.77.0.3"])
              #expect(entries(of: "\(directory)/peers/alive") == ["10.77.0.2"])
              let count = first.lines.count
              try await hosts[2].daemon("--interface", "eth0") { _ in
                let back = try await first.event { $0.contains("peer 10.77.0.3 on eth0 is back, after ") }
                let beats = first.lines.dropFirst(count).filter { $0.contains(" from 10.77.0.3:") }.count
                // A judgement is made once a second, and in it there may be a third.
                #expect((2...3).contains(beats), "\(back)")
                try await second.event { $0.contains("peer 10.77.0.3 on eth0 is back") }
              }
              for daemon in [first, second] {
                #expect(daemon.events(with: "is silent").count == 1)
                #expect(daemon.events(with: "is back").count == 1)
                #expect(daemon.toldPeers("here").count { $0 == "10.77.0.3" } == 1)
              }
            }
          }
        }
      }
    }

    /// The ways in which everybody is gone at once, and what STATUS= calls them.
    enum Cut: CaseIterable {
      case segment
      case ownCable
      case ownInterface
      case firewall

      var condition: String {
        switch self {
        case .segment: "network silent on eth0"
        case .ownCable: "no carrier on eth0"
        case .ownInterface: "waiting for eth0 (it is down)"
        case .firewall: "own beats not heard on eth0"
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
      "nobody can be heard: within 8 s all are unknown and the status says why, and then nobody is accused",
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
                  let clock = ContinuousClock()
                  let cutAt = clock.now
                  try await cut.set(true, bridge)
                  try await eventually("all peers are unknown", within: .seconds(8)) {
                    entries(of: "\(directory)/peers/alive").isEmpty
                      && entries(of: "\(directory)/peers/unknown").count == 3 ? true : nil
                  }
                  #expect(clock.now - cutAt < .seconds(8))
                  #expect(entries(of: "\(directory)/peers/silent") == [])
                  let status = try await eventually("the status names it", within: .seconds(3)) {
                    let status = try await Self.status(directory, hosts[0])
                    return status.status.contains(cut.condition) ? status : nil
                  }
                  #expect(status.peers == ["alive": 0, "late": 0, "silent": 0, "unknown": 3])
                  #expect(status.status.contains("0 peers alive, 3 unknown"), "\(status.status)")
                  try await cut.set(false, bridge)
                  try await eventually("all peers are alive again") {
                    entries(of: "\(directory)/peers/alive").count == 3 ? true : nil
                  }
                  // Seven more beats: whoever were to be accused would be by now.
                  let beats = daemon.lines.filter { $0.contains(" from 10.77.0.4:") }.count
                  try await daemon.lines(beats + 7, within: .seconds(20)) { $0.contains(" from 10.77.0.4:") }
                  #expect(try await Self.status(directory, hosts[0]).conditions.isEmpty)
                  #expect(daemon.events(with: "is silent: nothing heard") == [])
                }
              }
            }
          }
        }
      }
    }

    private struct Status: Decodable {
      struct Condition: Decodable { var condition: String }

      var status: String
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
                try await daemon.event { $0.contains("eth1 is gone") }
              }
              try await daemon.event(within: .seconds(8)) { $0.contains("is silent") }
              try await other.plug(hosts[0], port: "observer", address: "10.79.0.1/24", interface: "eth1")
              let heard = daemon.lines.filter { $0.contains(" on eth1:") }.count
              try await daemon.lines(heard + 30) { $0.contains(" on eth1:") }
              #expect(daemon.events(with: "is silent").count == 1)
              #expect(daemon.events(with: "peer 10.77.0.2 on eth0 is silent").count == 1)
              #expect(daemon.toldPeers("here", on: "eth1").count == 2)
              #expect(daemon.events(with: "is back") == [])
              #expect(daemon.events(with: "network") == [])
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
