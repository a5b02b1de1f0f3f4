// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// The names that an interface is asked for by, and those that it has.
  struct InterfaceNameTests {
    private static let long = "an-alternative-name-of-more-than-15-bytes"

    @Test("an alternative name is as good as the name, also one that is given or taken while the daemon runs")
    func alternative() async throws {
      try await host { host in
        try await host.running(
          Repository.binary, "run", "--interface", Self.long, "--interval", "100ms", "--publish-interface",
          "enp7s0"
        ) { daemon in
          try await daemon.errorLine { $0.contains("waiting for \(Self.long), enp7s0") }
          try await host.ip(
            "link", "property", "add", "dev", "eth0", "altname", Self.long, "altname", "enp7s0")
          try await daemon.errorLine { $0.contains("joined 239.1.1.1:5001 on eth0 (10.7.0.1)") }
          try await daemon.errorLine { $0.contains("sending to 239.1.1.1:5001 on eth0 (10.7.0.1)") }
          try await daemon.line { $0.contains("from 10.7.0.1:") && $0.contains(" on eth0: ATU ") }
          try await host.ip("link", "property", "del", "dev", "eth0", "altname", Self.long)
          try await daemon.errorLine { $0.contains("not listening to 239.1.1.1:5001 on it any more") }
        }
      }
    }

    @Test("a name that is not there is a warning after 30 s, once, and a note of check")
    func missing() async throws {
      try await host { host in
        try await host.running(Repository.binary, "run", "--interface", "eth0,eth9") { daemon in
          let text = "no interface is called eth9"
          try await daemon.errorLine(within: .seconds(40)) { $0.hasPrefix("warning: ") && $0.contains(text) }
          #expect(daemon.errorLines.count { $0.contains(text) } == 1)
          #expect(daemon.errorLines.contains { $0.contains("--interface on the command line") })
        }
        let check = try await host.run(Repository.binary, "check", "--interface", "eth0,eth9,10.7.0.9")
        #expect(check.status == .exited(0))
        #expect(
          check.errorLines == [
            "mcastd: note: no interface is called eth9 now; the daemon waits for it",
            "mcastd: note: no interface has the address 10.7.0.9 now; the daemon waits for it",
          ])
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
