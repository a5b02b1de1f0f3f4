// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension SystemTests {
  /// What the program makes of its arguments, with and without a /proc to read them from.
  struct ArgumentTests {
    /// A command line and what it must come to.
    struct Invocation: Sendable, CustomTestStringConvertible {
      var arguments: [String]
      var status: Int32
      /// Part of what is printed.
      var text: String

      var testDescription: String { "mcastd \(arguments.joined(separator: " "))" }

      static let all = [
        Invocation(arguments: [], status: 0, text: "USAGE: mcastd <subcommand>"),
        Invocation(arguments: ["--help"], status: 0, text: "USAGE: mcastd <subcommand>"),
        Invocation(arguments: ["help", "run"], status: 0, text: "USAGE: mcastd run"),
        Invocation(arguments: ["--version"], status: 0, text: "."),
        Invocation(arguments: ["check"], status: 0, text: "group "),
        Invocation(arguments: ["check", "--port", "0"], status: 78, text: "--port"),
        Invocation(arguments: ["watch", "--interface", "lo", "--for", "500ms"], status: 1, text: ""),
        Invocation(arguments: ["key", "new"], status: 0, text: " hmac-sha256 "),
        Invocation(arguments: ["key", "new", "--algorithm", "ed25519"], status: 0, text: " ed25519-public "),
        Invocation(arguments: ["key", "new", "--algorithm", "ed25519-public"], status: 64, text: "ed25519"),
        Invocation(arguments: ["key"], status: 0, text: "USAGE: mcastd key"),
        Invocation(arguments: ["--nonsense"], status: 64, text: "Unknown option '--nonsense'"),
        Invocation(arguments: ["--interface", "lo"], status: 64, text: "mcastd run --interface"),
        Invocation(arguments: ["nonsense"], status: 64, text: "no command 'nonsense'.\n"),
        Invocation(arguments: ["stauts"], status: 64, text: "Did you mean 'status'?"),
        Invocation(arguments: ["run", "--nonsense"], status: 64, text: "Unknown option '--nonsense'"),
        Invocation(
          arguments: ["watch", "--for", "10"], status: 64, text: "The value '10' is invalid for '--for"),
        Invocation(
          arguments: ["doctor", "--wait", "soon"], status: 64, text: "must be a time with its unit"),
        Invocation(
          arguments: ["set", "--for", "0s", "temp.ups=1C"], status: 64, text: "must be more than 0"),
        Invocation(
          arguments: ["--generate-completion-script", "bash"], status: 0, text: "complete -"),
      ]
    }

    @Test("an invocation that only looks prints what it should and sends nothing", arguments: Invocation.all)
    func looks(invocation: Invocation) async throws {
      try await NetworkNamespace.with { host in
        let output = try await host.exit(of: [Repository.binary], invocation)
        #expect(output.status == .exited(invocation.status), "\(output)")
        #expect((output.text + output.errorText).contains(invocation.text), "\(output)")
        #expect(try await host.datagramsSent() == 0)
      }
    }

    @Test("so it does in a tree without /proc", arguments: Invocation.all)
    func looksWithoutProc(invocation: Invocation) async throws {
      try await RuntimeDirectory.with { tree in
        try await copyProgram(into: tree)
        try await NetworkNamespace.with { host in
          let output = try await host.exit(of: ["chroot", tree, "/bin/mcastd"], invocation)
          #expect(output.status == .exited(invocation.status), "\(output)")
          #expect((output.text + output.errorText).contains(invocation.text), "\(output)")
          #expect(try await host.datagramsSent() == 0)
        }
      }
    }

    @Test("run runs there as well, with its options")
    func runsWithoutProc() async throws {
      try await RuntimeDirectory.with { tree in
        try await copyProgram(into: tree)
        try await NetworkNamespace.with { host in
          try await host.running(
            "chroot", tree, "/bin/mcastd", "run", "--interface", "lo", "--interval", "100ms",
            "--group", "239.7.7.7"
          ) { daemon in
            try await daemon.lines(3, within: .seconds(5)) { $0.contains("ATU ") }
            #expect(daemon.errorLines.contains { $0.contains("239.7.7.7") }, "\(daemon.errorLines)")
          }
          #expect(try await host.datagramsSent() >= 3)
        }
      }
    }

    /// The binary as /bin/mcastd, and what the loader needs (ldd(1)) under its own paths.
    private func copyProgram(into tree: String) async throws {
      try await ChildProcess.run(["install", "-D", Repository.binary, "\(tree)/bin/mcastd"]).checked()
      let libraries = try await ChildProcess.run(["ldd", Repository.binary]).checked().lines
        .compactMap { $0.firstMatch(of: #/(/\S+) \(0x/#).map { String($0.1) } }
      for library in libraries {
        try await ChildProcess.run(["install", "-D", library, tree + library]).checked()
      }
    }
  }
}

extension NetworkNamespace {
  fileprivate func exit(
    of program: [String], _ invocation: SystemTests.ArgumentTests.Invocation
  ) async throws -> Output {
    // A daemon that runs by mistake is ended after a beat.
    let command = ["ip", "netns", "exec", name, "timeout", "3"] + program + invocation.arguments
    return try await ChildProcess.run(command)
  }

  /// UDP datagrams that left any socket of this host: /proc/net/snmp has a line of names and one of values.
  fileprivate func datagramsSent() async throws -> Int {
    let rows = try await run("cat", "/proc/net/snmp").checked().lines.filter { $0.hasPrefix("Udp:") }
      .map { $0.split(separator: " ") }
    guard rows.count == 2, let column = rows[0].firstIndex(of: "OutDatagrams"), column < rows[1].count,
      let count = Int(rows[1][column])
    else { throw NeverHappened(description: "no OutDatagrams in \(rows)") }
    return count
  }
}
