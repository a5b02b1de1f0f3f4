// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// The completions as the package has them, in shells at a terminal.
  struct CompletionTests {
    /// What is typed before the tab, and the line that comes of it.
    struct Typed: Sendable, CustomTestStringConvertible {
      var line: String
      var completed: String
      var testDescription: String { line }

      static let all = [
        Typed(line: "mcastd statu", completed: "status"),
        Typed(line: "mcastd run --publish-en", completed: "run --publish-enabled"),
        Typed(line: "mcastd run --loopback y", completed: "run --loopback yes"),
        Typed(line: "mcastd check --publish-enabled n", completed: "check --publish-enabled no"),
        Typed(line: "mcastd check --timestamp u", completed: "check --timestamp utc"),
        Typed(line: "mcastd run --log-level not", completed: "run --log-level notice"),
        Typed(line: "mcastd run --interface au", completed: "run --interface auto"),
        Typed(line: "mcastd watch --interface unc", completed: "watch --interface uncommon0"),
        Typed(line: "mcastd watch --interface lo,unc", completed: "watch --interface lo,uncommon0"),
        Typed(
          line: "mcastd doctor --publish-interface anal",
          completed: "doctor --publish-interface analternativenameofmorethan15bytes"),
        Typed(line: "mcastd key new --algorithm hm", completed: "key new --algorithm hmac-sha256"),
        Typed(line: "mcastd rules te", completed: "rules test"),
        Typed(line: "mcastd rules test /etc/host.co", completed: "rules test /etc/host.conf"),
        Typed(line: "mcastd rules test a --jour", completed: "rules test a --journal"),
        Typed(line: "mcastd peers --instance la", completed: "peers --instance lab"),
        Typed(line: "mcastd check --config /etc/host.co", completed: "check --config /etc/host.conf"),
        Typed(line: "mcastd status --control /etc/host.co", completed: "status --control /etc/host.conf"),
      ]
    }

    /// Where tests must not be skipped they run, and fail without it.
    private static let hasShells: @Sendable () async throws -> Bool = {
      if ProcessInfo.processInfo.environment["MCASTD_REQUIRE_SYSTEM_TESTS"] == "1" { return true }
      return try await ChildProcess.run(["sh", "-c", "command -v bash zsh fish"]).succeeded
    }
    private static let need: Comment = "needs bash, zsh and fish (packaging/install-test-dependencies)"

    @Test(
      "a tab completes commands, options, values, interfaces, files and instances", .enabled(need, hasShells),
      arguments: ["bash", "zsh", "fish"])
    func completes(shell: String) async throws {
      try await withCompletions { host, directory in
        for typed in Typed.all {
          let output = try await host.complete(typed.line, in: shell, directory)
          #expect(output.lines == [typed.completed], "\(output)")
        }
      }
    }

    @Test("the name of an interface is never run by a shell", .enabled(need, hasShells))
    func hostileName() async throws {
      try await withCompletions { host, directory in
        try await host.ip("link", "add", "$(>hit)", "type", "veth", "peer", "name", "`>hit`")
        for shell in ["bash", "zsh", "fish"] {
          let output = try await host.complete("mcastd run --interface unc", in: shell, directory)
          #expect(output.lines == ["run --interface uncommon0"], "\(output)")
        }
        #expect(try await host.run("ls", directory).checked().text.contains("hit") == false)
      }
    }

    private func withCompletions(_ body: (NetworkNamespace, String) async throws -> Void) async throws {
      try await RuntimeDirectory.with { directory in
        try await ChildProcess.run(["install", "-D", Repository.binary, "\(directory)/bin/mcastd"]).checked()
        try await NetworkNamespace.with { host in
          try await host.run(
            Repository.path("/packaging/completions/generate"), Repository.binary, directory
          ).checked()
          try await host.ip("link", "add", "uncommon0", "type", "veth", "peer", "name", "uncanny0")
          try await host.ip("link", "set", "uncanny0", "name", "far0")
          try await host.ip(
            "link", "property", "add", "dev", "far0", "altname", "analternativenameofmorethan15bytes")
          try await body(host, directory)
        }
      }
    }
  }
}

extension NetworkNamespace {
  /// `ip netns exec` gives the command a mount namespace of its own, in which /run can be another one.
  fileprivate func complete(_ line: String, in shell: String, _ directory: String) async throws -> Output {
    try await run(
      "sh", "-c",
      """
      mount --bind "$2" /mnt && mount -t tmpfs tmpfs /run && mkdir /run/mcastd-lab && cd /mnt &&
      PATH="/mnt/bin:$PATH" exec python3 "$0" "$1" /mnt "$3"
      """,
      Repository.peer("complete"), shell, directory, line)
  }
}
