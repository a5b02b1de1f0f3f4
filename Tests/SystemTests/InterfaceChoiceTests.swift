// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// Which interfaces are used, of several.
  struct InterfaceChoiceTests {
    @Test(
      "two interfaces, and one that is not configured: an entry for each that a datagram arrived on, and no other"
    )
    func several() async throws {
      try await NetworkNamespace.with { host in
        try await Self.withNetworks(3, of: host) { networks in
          try await host.daemon("--interface", "eth0,eth1", "--interval", "200ms") { daemon in
            try await daemon.event { $0.contains("started:") }
            // Somebody wants the group on the third one as well, so that the kernel takes its datagrams in.
            try await host.peer("receiver", "--share", "--interface", "10.78.2.9") { neighbour in
              try await neighbour.line { $0 == "ready" }
              for (number, network) in networks.enumerated() {
                let input = (0..<3).map { "\(Self.hexadecimal("from \(number) number \($0)"))\n" }.joined()
                try await network.run(
                  "python3", Repository.peer("send"), "--interface", "10.78.\(number).1",
                  input: Array(input.utf8)
                ).checked()
              }
              try await neighbour.line { $0.contains(" from 2 number 2") }
            }
            try await daemon.line { $0.hasSuffix(": from 1 number 2") }
            let count = daemon.lines.count
            try await daemon.lines(count + 4)
            let others = daemon.lines.filter { $0.contains(": from ") }
            let expected = (0...1).flatMap { network in
              (0..<3).map { "from 10.78.\(network).1:PORT on eth\(network): from \(network) number \($0)" }
            }
            #expect(
              others.map {
                $0.replacing(#/^received \d+ bytes /#, with: "").replacing(#/:\d+ on/#, with: ":PORT on")
              }
                == expected)
            let own = Set(
              daemon.lines.compactMap { $0.firstMatch(of: /from (10\.78\.\d\.9):\d+ on (eth\d): ATU/) }
                .map { "\($0.1) \($0.2)" })
            #expect(own == ["10.78.0.9 eth0", "10.78.1.9 eth1"], "it sends on each, from its address there")
          }
        }
      }
    }

    @Test("auto leaves lo as soon as there is a real interface, follows the route, and is never on lo again")
    func automatic() async throws {
      try await NetworkNamespace.with { host in
        try await host.daemon("--interval", "100ms") { daemon in
          try await daemon.event {
            $0.contains("started: 239.1.1.1:5001 on lo (there is no other interface)")
          }
          try await daemon.line { $0.contains(" on lo: ATU") }
          try await Self.withNetworks(2, of: host) { _ in
            try await Self.expectBeats(of: daemon, on: "eth0")
            try await host.routeMulticast(over: "eth1")
            try await Self.expectBeats(of: daemon, on: "eth1")
            try await host.ip("link", "set", "eth1", "down")
            try await Self.expectBeats(of: daemon, on: "eth0")
          }
          // Their namespaces are gone, and with them the cables.
          try await Self.expectBeats(of: daemon, on: "lo")
          let joined = daemon.errorLines.compactMap {
            $0.firstMatch(of: /joined .* on (\w+)/).map { String($0.1) }
          }
          #expect(joined == ["lo", "eth0", "eth1", "eth0", "lo"], "\(daemon.errorLines)")
        }
      }
    }

    @Test("what a membership limit refuses is told with the sysctl that raises it, and the rest is used")
    func membershipLimit() async throws {
      try await NetworkNamespace.with { host in
        try await Self.withNetworks(2, of: host) { _ in
          try await host.run("sysctl", "-qw", "net.ipv4.igmp_max_memberships=1").checked()
          try await host.daemon("--interface", "eth0,eth7") { daemon in
            try await daemon.event { $0.contains("started:") }
            try await host.ip("link", "set", "eth1", "name", "eth7")
            try await host.ip("link", "set", "eth7", "up")
            let refusal = try await daemon.event { $0.contains("limit") }
            #expect(refusal.contains("sysctl net.ipv4.igmp_max_memberships=N"), "\(refusal)")
            try await daemon.line { $0.contains(" on eth0: ATU") }
            try await host.run("sysctl", "-qw", "net.ipv4.igmp_max_memberships=2").checked()
            try await daemon.event(within: .seconds(5)) { $0.contains("joined 239.1.1.1:5001 on eth7") }
            let told = daemon.errorLines.filter { $0.contains("limit") }
            #expect(told == [refusal])
          }
        }
      }
    }

    /// Cables from `host` to networks of their own: its end is `eth<n>`, 10.78.*n*.9, the other 10.78.*n*.1.
    private static func withNetworks<T>(
      _ count: Int, of host: NetworkNamespace, _ networks: [NetworkNamespace] = [],
      _ body: ([NetworkNamespace]) async throws -> T
    ) async throws -> T {
      let number = networks.count
      guard number < count else { return try await body(networks) }
      return try await NetworkNamespace.with { network in
        try await network.batch(
          "link add wire type veth peer name eth\(number) netns \(host.name)", "link set wire up",
          "address add 10.78.\(number).1/24 dev wire")
        try await host.batch("link set eth\(number) up", "address add 10.78.\(number).9/24 dev eth\(number)")
        return try await withNetworks(count, of: host, networks + [network], body)
      }
    }

    /// Within a second.
    private static func expectBeats(
      of daemon: ChildProcess, on interface: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      let time = try await daemon.timeToHear(" on \(interface): ATU")
      #expect(time < .seconds(1), sourceLocation: sourceLocation)
    }

    private static func hexadecimal(_ text: String) -> String {
      text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }
}
