// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// `mcastd doctor` as an operator runs it. Fault by fault, DaemonTests has it.
  struct DoctorTests {
    private struct Finding: Decodable {
      var status: String
      var check: String
    }

    /// A host on a switch that snoops and asks for members every second.
    private static func withHost(_ body: (NetworkNamespace, Bridge) async throws -> Void) async throws {
      try await Bridge.with(hosts: 1, snooping: true) { bridge in
        try await bridge.namespace.ip(
          "link", "set", "br0", "type", "bridge", "mcast_querier", "1", "mcast_query_interval", "100",
          "mcast_startup_query_interval", "100")
        try await body(bridge.hosts[0], bridge)
      }
    }

    @Test("a sound host: a line for each check, all ok, and 0")
    func sound() async throws {
      try await Self.withHost { host, _ in
        let output = try await host.run(Repository.binary, "doctor", "--wait", "10s")
        #expect(output.status == .exited(0), "\(output)")
        #expect(output.lines.count == 12, "\(output)")
        #expect(output.lines.allSatisfy { $0.hasPrefix("ok ") }, "\(output)")
        #expect(output.errorText.contains("listening to 239.1.1.1:5001 for 3 s"))
      }
    }

    @Test("without privileges it says what it cannot see, and 0")
    func unprivileged() async throws {
      try await Self.withHost { host, _ in
        let output = try await host.run(
          "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set=-all",
          Repository.binary, "doctor", "--json")
        #expect(output.status == .exited(0), "\(output)")
        let findings = try JSONDecoder().decode([Finding].self, from: Data(output.standardOutput))
        let hidden = findings.filter { $0.status == "unknown" }.map(\.check)
        #expect(hidden == ["firewall", "querier"], "\(output)")
      }
    }

    @Test("a switch that stopped asking, and a TTL of 0: both are found, and 1")
    func faults() async throws {
      try await Self.withHost { host, bridge in
        try await bridge.namespace.ip("link", "set", "br0", "type", "bridge", "mcast_querier", "0")
        let output = try await host.run(
          Repository.binary, "doctor", "--wait", "2s", environment: ["MCASTD_TTL": "0"])
        #expect(output.status == .exited(1), "\(output)")
        let faults = output.lines.filter { !$0.hasPrefix("ok ") }
        #expect(faults.count == 2, "\(output)")
        #expect(faults.first?.hasPrefix("problem  ttl ") == true)
        #expect(faults.last?.contains("eth0: no IGMP general query in 5 s") == true)
      }
    }

    @Test("a configuration that cannot be is refused with 78")
    func refused() async throws {
      let output = try await ChildProcess.run([Repository.binary, "doctor", "--port", "0"])
      #expect(output.status == .exited(78), "\(output)")
    }
  }
}
