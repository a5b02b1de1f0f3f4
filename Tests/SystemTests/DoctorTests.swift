// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// `mcastd doctor` as an operator runs it. Fault by fault, DoctorTests has it.
  struct DoctorTests {
    private struct Finding: Decodable {
      var status: String
      var check: String
    }

    private static let unprivileged = [
      "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set=-all",
    ]

    /// A host on a switch that snoops and asks for members every second.
    private static func withHost(_ body: (NetworkNamespace, Bridge) async throws -> Void) async throws {
      try await Bridge.with(hosts: 1, snooping: true) { bridge in
        try await bridge.namespace.ip(
          "link", "set", "br0", "type", "bridge", "mcast_querier", "1", "mcast_query_interval", "100",
          "mcast_startup_query_interval", "100")
        try await body(bridge.hosts[0], bridge)
      }
    }

    @Test("a sound host: a line for each check, all ok, a last one that says so, and 0")
    func sound() async throws {
      try await Self.withHost { host, _ in
        let output = try await host.run(Repository.binary, "doctor", "--wait", "10s")
        #expect(output.status == .exited(0), "\(output)")
        #expect(output.lines.count == 13, "\(output)")
        #expect(output.lines.dropLast().allSatisfy { $0.hasPrefix("ok ") }, "\(output)")
        #expect(output.lines.last == "sound")
        #expect(output.errorText.contains("239.1.1.1:5001"))
      }
    }

    @Test("without privileges it says what it cannot see, and 0")
    func unprivileged() async throws {
      try await Self.withHost { host, _ in
        let output = try await host.run(Self.unprivileged + [Repository.binary, "doctor", "--json"])
        #expect(output.status == .exited(0), "\(output)")
        let findings = try JSONDecoder().decode([Finding].self, from: Data(output.standardOutput))
        let hidden = findings.filter { $0.status == "unknown" }.map(\.check)
        #expect(hidden == ["firewall", "querier"], "\(output)")
      }
    }

    @Test("no route: a warning, and 1; a TTL of 0 as well: a problem, and 2; a silent switch is not known")
    func faults() async throws {
      try await Self.withHost { host, bridge in
        try await bridge.namespace.ip("link", "set", "br0", "type", "bridge", "mcast_querier", "0")
        try await host.ip("route", "delete", "224.0.0.0/4")
        let warned = try await host.run(Repository.binary, "doctor", "--interface", "eth0", "--wait", "2s")
        #expect(warned.status == .exited(1), "\(warned)")
        #expect(warned.lines.last == "1 warning, 1 not known", "\(warned)")
        let unknown = warned.lines.filter { $0.hasPrefix("unknown ") }
        #expect(
          unknown.count == 1 && unknown[0].contains(" querier ") && unknown[0].contains("eth0"), "\(warned)")
        let output = try await host.run(
          Repository.binary, "doctor", "--interface", "eth0", "--wait", "10ms",
          environment: ["MCASTD_TTL": "0"])
        #expect(output.status == .exited(2), "\(output)")
        #expect(output.lines.contains { $0.hasPrefix("problem  ttl ") })
        #expect(output.lines.last == "1 problem, 1 warning, 1 not known")
      }
    }

    @Test("lo as root, without a daemon: all ok, and 0")
    func soundLoopback() async throws {
      try await NetworkNamespace.with { host in
        let output = try await host.run(Repository.binary, "doctor", "--interface", "lo")
        #expect(output.status == .exited(0), "\(output)")
        #expect(output.lines.last == "sound", "\(output)")
      }
    }

    @Test(
      "a firewall that drops by default: what it says is what arrives",
      arguments: [
        ("ip saddr 10.77.0.0/24 accept", true), ("ip saddr 10.77.0.2 accept", true),
        ("meta mark 0 accept", true), ("limit rate 1000/second accept", true),
        ("ip saddr 10.99.0.0/24 accept", false), ("tcp dport 22 accept", false),
      ])
    func firewall(rule: String, isExpected: Bool) async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let host = bridge.hosts[0]
        try await host.run("nft", "add table inet filter").checked()
        try await host.run(
          "nft", "add chain inet filter input { type filter hook input priority 0; policy drop; }"
        ).checked()
        try await host.run("nft", "add rule inet filter input \(rule)").checked()
        try await bridge.hosts[1].peer("sender", "--interval", "0.1") { sender in
          try await sender.lines(2) { $0.hasPrefix("ATU ") }
          let heard = try await host.run(
            "timeout", "2", "python3", "-u", Repository.peer("receiver"), "--share", "--interface",
            Bridge.address(ofHost: 1))
          let arrives = heard.text.contains(" \(Bridge.address(ofHost: 2)) ")
          #expect(arrives == isExpected, "\(heard)")
          for command in [[], Self.unprivileged] {
            let output = try await host.run(
              command + [Repository.binary, "doctor", "--interface", "eth0", "--wait", "10ms"])
            let problems = output.lines.filter { $0.hasPrefix("problem ") }
            #expect(problems.isEmpty == arrives, "\(output)")
            #expect((output.status == .exited(2)) == !arrives, "\(output)")
          }
        }
      }
    }

    @Test("on a terminal no line is broken within a word")
    func terminal() async throws {
      try await NetworkNamespace.with { host in
        let output = try await host.run(
          "script", "-qec", "stty cols 60; \(Repository.binary) doctor --interface eth7", "/dev/null")
        #expect(output.status == .exited(2), "\(output)")
        let lines = output.text.split(whereSeparator: \.isNewline)
        #expect(lines.allSatisfy { $0.unicodeScalars.count <= 60 }, "\(output)")
        // The same words as where no line is broken.
        let wide = try await host.run(Repository.binary, "doctor", "--interface", "eth7")
        func words(_ text: String) -> [Substring] { text.split { $0.isNewline || $0 == " " } }
        #expect(words(output.text) == words(wide.text))
        #expect(wide.text.contains("eth7") && wide.lines.contains { $0.unicodeScalars.count > 60 }, "\(wide)")
        #expect(lines.last == "1 problem, 1 warning")
      }
    }

    @Test("a configuration that cannot be is refused with 78")
    func refused() async throws {
      let output = try await ChildProcess.run([Repository.binary, "doctor", "--port", "0"])
      #expect(output.status == .exited(78), "\(output)")
    }
  }
}
