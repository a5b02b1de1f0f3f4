// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// What Debian 13 has that 12 has not: a client for the control socket. And what both must do together.
  @Suite("the package on Debian 13", .package(on: .trixie))
  struct Debian13Tests {
    private static let socket = "/run/mcastd/io.mcastd"

    private func varlinkctl(_ arguments: String...) async throws -> String {
      let container = try Container.packaged(on: .trixie)
      let process = try ChildProcess(container.inside(["varlinkctl", "--json=short"] + arguments))
      let output = try await process.exit(within: .seconds(10)).checked()
      #expect(output.errorText == "")
      return output.text
    }

    @Test("Debian 13's varlinkctl finds the service, its interface and its methods")
    func introspects() async throws {
      let version = try await DebianPackage.current.value.version
      let information = try JSONDecoder().decode(
        Information.self, from: Data(try await varlinkctl("info", Self.socket).utf8))
      #expect(information.product == "mcastd" && information.version == version)
      #expect(information.interfaces.sorted() == ["io.mcastd", "org.varlink.service"])
      // It parses the description, and writes it anew.
      let description = try await varlinkctl("introspect", Self.socket, "io.mcastd")
      for method in ["GetStatus", "ListPeers", "Monitor", "Reload"] {
        #expect(description.contains("method \(method)("), "\(description)")
      }
    }

    @Test("Debian 13's varlinkctl gets the status and the peers")
    func calls() async throws {
      let status = try JSONDecoder().decode(
        DaemonStatus.self,
        from: Data(try await varlinkctl("call", Self.socket, "io.mcastd.GetStatus", "{}").utf8))
      #expect(status.isBalanced)
      #expect(status.memberships.map(\.group) == ["239.1.1.1"])
      // It is itself that it hears, once it has sent twice.
      let peers = try await eventually("a row of the daemon itself") {
        let reply = try JSONDecoder().decode(
          Peers.self, from: Data(try await varlinkctl("call", Self.socket, "io.mcastd.ListPeers", "{}").utf8))
        return reply.peers.isEmpty ? nil : reply.peers
      }
      #expect(peers == [Peers.Row(address: "127.0.0.1", interface: "lo", state: "self")])
    }

    @Test("Debian 13's varlinkctl gets the events as they come")
    func more() async throws {
      let container = try Container.packaged(on: .trixie)
      let command = ["varlinkctl", "--json=short", "--more", "call", Self.socket, "io.mcastd.Monitor", "{}"]
      try await ChildProcess.running(container.inside(command)) { monitor in
        try await monitor.line { $0.contains(#""event":"snapshot-complete""#) }
        try await container.systemctl("reload", "mcastd")
        try await monitor.line { $0.contains(#""event":"configuration-applied""#) }
      }
    }

    @Test(
      "a Debian 13 and another host on one wire hear each other's heartbeats, and are each other's peers",
      arguments: DebianRelease.tested)
    func together(other: DebianRelease) async throws {
      let package = try await DebianPackage.current.value
      try await Bridge.with(hosts: 2) { bridge in
        try await Container.running(on: other, network: .namespace(bridge.hosts[0])) { first in
          try await Container.running(on: .trixie, network: .namespace(bridge.hosts[1])) { trixie in
            for container in [first, trixie] { try await container.install(package) }
            for (container, number) in [(first, 2), (trixie, 1)] {
              let address = Bridge.address(ofHost: number)
              try await container.entries(3, "MCAST_KIND=heartbeat", "MCAST_SOURCE=\(address)")
              let peer = container.root + "/run/mcastd/peers/alive/\(address)"
              try await eventually("\(address) is alive") { lines(of: peer).isEmpty ? nil : () }
            }
          }
        }
      }
    }

    private struct Information: Decodable {
      var product: String
      var version: String
      var interfaces: [String]
    }

    private struct Peers: Decodable {
      struct Row: Decodable, Equatable {
        var address: String
        var interface: String
        var state: String
      }

      var peers: [Row]
    }
  }
}
