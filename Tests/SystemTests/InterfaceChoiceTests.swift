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
            try await daemon.event(EventID.started)
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
            func text(_ entry: JournalEntry, _ fields: String...) -> String {
              fields.map { entry[$0] ?? "" }.joined(separator: " ")
            }
            let others = daemon.datagrams.filter { $0["MCAST_KIND"] == "datagram" }
              .map { text($0, "MCAST_SOURCE", "MCAST_INTERFACE", "MCAST_PAYLOAD") }
            let expected = (0...1).flatMap { network in
              (0..<3).map { "10.78.\(network).1 eth\(network) from \(network) number \($0)" }
            }
            #expect(others == expected)
            let own = daemon.datagrams.filter { $0["MCAST_KIND"] == "heartbeat" }
              .map { text($0, "MCAST_SOURCE", "MCAST_INTERFACE") }
            #expect(
              Set(own) == ["10.78.0.9 eth0", "10.78.1.9 eth1"], "it sends on each, from its address there")
          }
        }
      }
    }

    @Test("auto leaves lo as soon as there is a real interface, follows the route, and is never on lo again")
    func automatic() async throws {
      try await NetworkNamespace.with { host in
        try await host.daemon("--interval", "100ms") { daemon in
          #expect(try await daemon.event(EventID.started).message.contains(" lo "))
          try await daemon.hears(" on lo: ATU")
          try await Self.withNetworks(2, of: host) { _ in
            try await daemon.hears(" on eth0: ATU")
            try await host.routeMulticast(over: "eth1")
            try await daemon.hears(" on eth1: ATU")
            try await host.ip("link", "set", "eth1", "down")
            try await daemon.hears(" on eth0: ATU")
          }
          // Their namespaces are gone, and with them the cables.
          try await daemon.hears(" on lo: ATU")
          let joined = daemon.events(EventID.interfaceJoined).map { $0["MCAST_INTERFACE"] }
          #expect(joined == ["lo", "eth0", "eth1", "eth0", "lo"], "\(daemon.events)")
        }
      }
    }

    @Test("what a membership limit refuses is told with the sysctl that raises it, and the rest is used")
    func membershipLimit() async throws {
      try await NetworkNamespace.with { host in
        try await Self.withNetworks(2, of: host) { _ in
          try await host.run("sysctl", "-qw", "net.ipv4.igmp_max_memberships=1").checked()
          try await host.daemon("--interface", "eth0,eth7") { daemon in
            try await daemon.event(EventID.started)
            try await host.ip("link", "set", "eth1", "name", "eth7")
            try await host.ip("link", "set", "eth7", "up")
            let refusal = try await daemon.event(EventID.membershipLimit)
            #expect(refusal["PRIORITY"] == "4" && refusal["MCAST_INTERFACE"] == "eth7")
            #expect(refusal.message.contains("sysctl net.ipv4.igmp_max_memberships="), "\(refusal)")
            try await daemon.hears(" on eth0: ATU")
            try await host.run("sysctl", "-qw", "net.ipv4.igmp_max_memberships=2").checked()
            try await daemon.event(EventID.interfaceJoined) { $0["MCAST_INTERFACE"] == "eth7" }
            #expect(daemon.events(EventID.membershipLimit).count == 1)
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

    private static func hexadecimal(_ text: String) -> String {
      text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }
}
