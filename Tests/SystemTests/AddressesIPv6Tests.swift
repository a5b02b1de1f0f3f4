// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// IPv6 between hosts; on lo it has no multicast.
  struct AddressesIPv6Tests {
    /// Link-local, where the same group is another one on each link, and site-local scope.
    static let groups = ["ff02::4242", "ff15::4242"]

    /// Hosts on a bridge whose IPv6 addresses can be sent from: fd77::*n* and a link-local one.
    private static func withHosts(
      _ count: Int, _ body: ([NetworkNamespace]) async throws -> Void
    ) async throws {
      try await Bridge.with(hosts: count) { bridge in
        for (number, host) in bridge.hosts.enumerated() {
          try await host.ip("address", "add", "fd77::\(number + 1)/64", "dev", "eth0", "nodad")
        }
        for host in bridge.hosts { try await host.settledAddresses() }
        try await body(bridge.hosts)
      }
    }

    /// The source that a host sends to the group from.
    private static func source(of host: NetworkNamespace, number: Int, group: String) async throws -> String {
      guard group.hasPrefix("ff02") else { return "fd77::\(number)" }
      let output = try await host.ip("-6", "address", "show", "dev", "eth0", "scope", "link").text
      return try #require(output.firstMatch(of: /inet6 (fe80:[0-9a-f:]+)\//).map { String($0.1) })
    }

    @Test(
      "a Python peer on another host: each hears the other, 30 bytes, with the hop limit as configured",
      arguments: groups)
    func python(group: String) async throws {
      try await Self.withHosts(2) { hosts in
        let here = try await Self.source(of: hosts[0], number: 1, group: group)
        let there = try await Self.source(of: hosts[1], number: 2, group: group)
        try await hosts[0].daemon(
          "--group", group, "--interface", "eth0", "--interval", "200ms", "--ttl", "3"
        ) {
          daemon in
          try await hosts[1].peer("receiver6", "--group", group) { receiver in
            try await receiver.line { $0 == "ready" }
            try await hosts[1].peer("sender6", "--group", group, "--count", "3", "--interval", "0.1") { _ in
              let lines = try await daemon.lines(3) { $0.contains(" from [\(there)]:") }
              let form = /received 30 bytes from \[[0-9a-f:]+\]:\d+ on eth0: ATU \d{4}-\d\d-\d\d .{15}/
              #expect(lines.allSatisfy { $0.wholeMatch(of: form) != nil }, "\(lines)")
            }
            let heard = try await receiver.line { $0.contains(" \(here) ") }
            #expect(heard.contains(#/ 30 3 ATU .{26}$/#), "\(heard)")
          }
          // Ourselves, which is no peer.
          try await daemon.line { $0.contains(" from [\(here)]:") }
          #expect(daemon.events.compactMap { $0["MCAST_PEER"] }.allSatisfy { $0 == there })
          let joined = try #require(daemon.events(EventID.interfaceJoined).first)
          #expect(joined["MCAST_GROUP"] == group && joined["MCAST_INTERFACE"] == "eth0")
          #expect(joined.message.contains(here), "\(joined)")
        }
      }
    }

    @Test("from nothing to the largest payload: what arrives is what was sent", arguments: groups)
    func sizes(group: String) async throws {
      try await Self.withHosts(2) { hosts in
        try await hosts[0].daemon("--group", group, "--interface", "eth0", "--publish-enabled", "no") {
          daemon in
          try await daemon.event(EventID.started)
          for size in [0, 1, 1452, 65_527] {
            try await hosts[1].peer("sender6", "--group", group, "--count", "1", "--size", "\(size)") { _ in
              try await daemon.line { $0.hasPrefix("received \(size) byte") }
            }
          }
          #expect(daemon.lines.count == 4, "\(daemon.lines.map { $0.prefix(60) })")
        }
      }
    }

    @Test(
      "two daemons on one host and one on another hear one another, and not another group on the same port",
      arguments: groups)
    func otherGroup(group: String) async throws {
      let other = group.replacing("4242", with: "4243")
      try await Self.withHosts(2) { hosts in
        let options = ["--group", group, "--interface", "eth0", "--interval", "200ms"]
        try await hosts[0].daemon(options) { first in
          try await hosts[0].daemon(options) { second in
            try await hosts[1].daemon(options) { third in
              // Somebody on the first host wants the other group, so that the kernel takes its datagrams in.
              try await hosts[0].peer("receiver6", "--group", other, "--share") { neighbour in
                try await neighbour.line { $0 == "ready" }
                try await hosts[1].peer(
                  "sender6", "--group", other, "--size", "7", "--count", "3", "--interval", "0.1"
                ) { _ in
                  try await neighbour.line { $0.contains("xxxxxxx") }
                }
                for daemon in [first, second, third] { try await daemon.lines(daemon.lines.count + 6) }
                let senders = first.lines.compactMap {
                  $0.firstMatch(of: /from (\[.*\]:\d+) on eth0: ATU/).map { String($0.1) }
                }
                #expect(Set(senders).count == 3, "\(Set(senders))")
                #expect(!(first.lines + second.lines).contains { $0.contains("xxxxxxx") })
              }
            }
          }
        }
      }
    }

    @Test(
      "while an address is tested for duplicates nothing is sent and nothing is said; it is sent from as soon as it can be used"
    )
    func duplicateAddressDetection() async throws {
      try await Self.withHosts(1) { hosts in
        try await NetworkNamespace.with { host in
          try await host.daemon("--group", "ff02::4242", "--interface", "eth0", "--interval", "100ms") {
            daemon in
            try await daemon.event(EventID.started)
            try await hosts[0].batch(
              "link add p9 type veth peer name eth0 netns \(host.name)",
              "link add br9 type bridge mcast_snooping 0",
              "link set br9 up", "link set p9 master br9", "link set p9 up")
            try await hosts[0].peer("receiver6", "--group", "ff02::4242", "--interface", "br9") { receiver in
              try await receiver.line { $0 == "ready" }
              try await host.ip("link", "set", "eth0", "up")
              try await host.settledAddresses()
              try await receiver.line { $0.contains("ATU") }
            }
            try await daemon.lines(10)
            let told = daemon.events.map { $0["MESSAGE_ID"] }
            #expect(told == [EventID.started, EventID.interfaceJoined], "\(daemon.events)")
          }
        }
      }
    }

    @Test("a link-local peer has its interface in the name of its file")
    func peerFile() async throws {
      try await Self.withHosts(2) { hosts in
        try await RuntimeDirectory.with { directory in
          let there = try await Self.source(of: hosts[1], number: 2, group: "ff02::4242")
          try await hosts[0].daemon(
            "--group", "ff02::4242", "--interface", "eth0", environment: ["RUNTIME_DIRECTORY": directory]
          ) { _ in
            try await hosts[1].peer("sender6", "--group", "ff02::4242", "--interval", "0.2") { _ in
              try await eventually("a file of the peer") { entries(of: "\(directory)/peers/alive").first }
              #expect(entries(of: "\(directory)/peers/alive") == ["\(there)%eth0"])
              let facts = lines(of: "\(directory)/peers/alive/\(there)%eth0")
              #expect(facts.prefix(2) == ["address=\(there)", "interface=eth0"])
            }
          }
        }
      }
    }
  }
}
