// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// The names that an interface is asked for by, and those that it has.
  struct InterfaceNameTests {
    private static let long = "an-alternative-name-of-more-than-15-bytes"

    @Test("an alternative name is as good as the name, also one that is given or taken while the daemon runs")
    func alternative() async throws {
      try await host { host in
        try await host.daemon(
          "--interface", Self.long, "--interval", "100ms", "--publish-interface", "enp7s0"
        ) { daemon in
          let start = try await daemon.event(EventID.started)
          #expect(start.message.contains(Self.long) && start.message.contains("enp7s0"), "\(start)")
          try await host.ip(
            "link", "property", "add", "dev", "eth0", "altname", Self.long, "altname", "enp7s0")
          // It listens by one name, and sends by the other.
          try await eventually("eth0 is used twice") {
            daemon.events(EventID.interfaceJoined).count { $0["MCAST_INTERFACE"] == "eth0" } == 2 ? true : nil
          }
          try await daemon.line { $0.contains("from 10.7.0.1:") && $0.contains(" on eth0: ATU ") }
          try await host.ip("link", "property", "del", "dev", "eth0", "altname", Self.long)
          try await daemon.event(EventID.interfaceLost) { $0["MCAST_INTERFACE"] == "eth0" }
        }
      }
    }

    @Test("a name that is not there is a warning after 30 s, once, and a note of check")
    func missing() async throws {
      try await host { host in
        try await host.daemon("--interface", "eth0,eth9") { daemon in
          let missing = try await daemon.event(EventID.interfaceMissing, within: .seconds(60))
          #expect(missing["PRIORITY"] == "4" && missing["MCAST_INTERFACE"] == "eth9")
          #expect(missing.message.contains("eth9") && missing.message.contains("--interface"), "\(missing)")
          #expect(daemon.events(EventID.interfaceMissing).count == 1)
        }
        let check = try await host.run(Repository.binary, "check", "--interface", "eth0,eth9,10.7.0.9")
        #expect(check.status == .exited(0))
        #expect(check.errorLines.count == 2, "\(check)")
        #expect(check.errorLines.allSatisfy { $0.hasPrefix("mcastd: note: ") }, "\(check)")
        #expect(zip(check.errorLines, ["eth9", "10.7.0.9"]).allSatisfy { $0.contains($1) }, "\(check)")
      }
    }

    @Test("a hostile name moves no cursor, wherever it is shown")
    func hostile() async throws {
      try await RuntimeDirectory.with { directory in
        try await NetworkNamespace.with { host in
          try await host.ip("link", "add", "e\u{1b}[31mx", "type", "veth", "peer", "name", "y0")
          try await host.ip("address", "add", "10.7.0.1/24", "dev", "e\u{1b}[31mx")
          for name in ["e\u{1b}[31mx", "y0"] { try await host.ip("link", "set", name, "up") }
          let control = ["--control", "\(directory)/control"]
          try await host.running(
            Repository.binary, "run", "--interface", "10.7.0.1", "--interval", "100ms", control[0], control[1]
          ) { daemon in
            try await daemon.lines(3) { $0.contains("ATU ") }
            var outputs: [Output] = []
            for command in ["status", "peers"] {
              outputs.append(try await host.run(Repository.binary, command, control[0], control[1]))
              outputs.append(try await host.run(Repository.binary, command, "--json", control[0], control[1]))
            }
            for form in [[], ["--json"]] {
              let watch = ["watch", "--interface", "10.7.0.1", "--count", "1"] + form
              outputs.append(
                try await ChildProcess.run(["ip", "netns", "exec", host.name, Repository.binary] + watch))
            }
            outputs.append(
              try await host.run(
                Repository.binary, "doctor", "--interface", "10.7.0.1", "--wait", "100ms"))
            for output in outputs {
              #expect(
                output.text.contains(#"e\x1b[31mx"#) || output.text.contains(#"e\u001b[31mx"#), "\(output)")
              #expect(!(output.standardOutput + output.standardError).contains(0x1b), "\(output)")
            }
            #expect(!daemon.errorLines.joined().contains("\u{1b}"))
          }
        }
      }
    }

    /// A host with eth0 that has 10.7.0.1 and a carrier.
    private func host(_ body: (NetworkNamespace) async throws -> Void) async throws {
      try await NetworkNamespace.with { host in
        try await host.ip("link", "add", "eth0", "type", "veth", "peer", "name", "far0")
        for name in ["eth0", "far0"] { try await host.ip("link", "set", name, "up") }
        try await host.ip("address", "add", "10.7.0.1/24", "dev", "eth0")
        try await body(host)
      }
    }
  }
}
