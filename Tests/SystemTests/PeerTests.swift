// SPDX-License-Identifier: Apache-2.0

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
                #expect(daemon.events(with: "peer 10.77.0.3 on eth0 is here").count == 1)
              }
            }
          }
        }
      }
    }

    @Test(
      "the observer's cable is pulled: one event about the network, none about a peer, and a quiet return")
    func observerUnplugged() async throws {
      try await Bridge.with(hosts: 4) { bridge in
        let hosts = bridge.hosts
        try await RuntimeDirectory.with { directory in
          try await hosts[0].daemon("--interface", "eth0", environment: ["RUNTIME_DIRECTORY": directory]) {
            daemon in
            try await Self.withSenders(Array(hosts[1...])) {
              try await daemon.lines(12) { $0.contains(" from 10.77.0.4:") }
              let count = daemon.errorLines.count
              try await bridge.setCarrier(false, port: "port1")
              try await daemon.event(within: .seconds(8)) {
                $0.contains("the network is silent: all 3 peers")
              }
              #expect(lines(of: "\(directory)/peers/network-silent") == ["interface=eth0", "peers=3"])
              #expect(entries(of: "\(directory)/peers/silent") == [])
              let own = daemon.lines.filter { $0.contains(" from 10.77.0.1:") }.count
              try await daemon.lines(own + 2) { $0.contains(" from 10.77.0.1:") }
              try await bridge.setCarrier(true, port: "port1")
              #expect(try await daemon.timeToHear(" from 10.77.0.4:") < .seconds(1))
              let beats = daemon.lines.count
              try await daemon.lines(beats + 40)
              let told = Array(daemon.errorLines[count...])
              #expect(told.count == 2, "\(told)")
              #expect(told.last?.contains("the network is heard again") == true, "\(told)")
              #expect(access("\(directory)/peers/network-silent", F_OK) != 0)
              #expect(entries(of: "\(directory)/peers/alive").count == 3)
            }
          }
        }
      }
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
              try await hosts[1].actor("sender", "--interval", "0.1") { _ in
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
              #expect(daemon.events(with: "on eth1 is here").count == 2)
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
      try await host.actor("sender", "--interval", "0.1") { _ in
        try await withSenders(Array(hosts.dropFirst()), body)
      }
    }
  }
}
