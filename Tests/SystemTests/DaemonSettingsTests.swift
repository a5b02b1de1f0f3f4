// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// watch, doctor and check see what the running daemon sees.
  struct DaemonSettingsTests {
    /// A daemon on lo with a group from its environment, as a drop-in of its unit would set it.
    private static func withDaemon(
      _ body: (NetworkNamespace, _ socket: String) async throws -> Void
    ) async throws {
      try await RuntimeDirectory.with { directory in
        try await NetworkNamespace.with { host in
          let environment = ["RUNTIME_DIRECTORY": directory, "MCASTD_GROUP": "239.7.7.7"]
          try await host.running(
            Repository.binary, "run", "--interface", "lo", "--interval", "100ms", environment: environment
          ) { daemon in
            try await daemon.line { $0.contains(" on lo: ATU ") }
            try await body(host, "\(directory)/io.mcastd")
          }
        }
      }
    }

    @Test("without settings of its own a command takes those of the daemon, and says so")
    func adopted() async throws {
      try await Self.withDaemon { host, socket in
        func mcastd(_ arguments: String...) async throws -> Output {
          try await ChildProcess.run(
            ["ip", "netns", "exec", host.name, Repository.binary] + arguments + ["--control", socket])
        }
        let watch = try await mcastd("watch", "--count", "1")
        #expect(watch.status == .exited(0), "\(watch)")
        #expect(watch.errorText.contains("239.7.7.7:5001 on lo"), "\(watch)")
        #expect(watch.errorText.contains(socket), "\(watch)")

        let check = try await mcastd("check")
        #expect(check.status == .exited(0), "\(check)")
        let row = try #require(check.lines.first { $0.hasPrefix("subscribe.group ") })
        #expect(row.contains(" 239.7.7.7 ") && row.contains("MCASTD_GROUP"), "\(check)")

        let doctor = try await mcastd("doctor", "--json", "--wait", "100ms")
        #expect(doctor.text.contains("239.7.7.7") && !doctor.text.contains("239.1.1.1"), "\(doctor)")
      }
    }

    @Test("a setting of its own holds, and the daemon is not asked")
    func own() async throws {
      try await Self.withDaemon { host, socket in
        let check = try await host.run(
          Repository.binary, "check", "--control", socket, "--ttl", "7")
        #expect(check.lines.contains { $0.contains(" 239.1.1.1 ") && $0.hasPrefix("subscribe.group ") })
        #expect(!check.text.contains("239.7.7.7") && !check.errorText.contains(socket), "\(check)")
      }
    }

    @Test("watch hears on the bridge that its interface is a port of, as the daemon does")
    func bridgePort() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let hosts = bridge.hosts
        // A bridge on the first host takes over its cable.
        try await hosts[0].ip("link", "add", "br1", "type", "bridge", "mcast_snooping", "0")
        try await hosts[0].ip("link", "set", "br1", "up")
        try await hosts[0].ip("link", "set", "eth0", "master", "br1")
        try await hosts[1].peer("sender", "--interval", "0.1") { _ in
          let watch = try await hosts[0].run(
            Repository.binary, "watch", "--interface", "eth0", "--count", "1", "--for", "10s")
          #expect(watch.status == .exited(0), "\(watch)")
          #expect(watch.text.contains(" 10.77.0.2:") && watch.text.contains(" on br1, "), "\(watch)")
        }
      }
    }
  }
}
