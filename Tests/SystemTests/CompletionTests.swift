// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
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
        Typed(line: "mcastd check --auth-keys /etc/host.co", completed: "check --auth-keys /etc/host.conf"),
        Typed(line: "mcastd run --group 239", completed: "run --group 239.1.1.1"),
        Typed(line: "mcastd watch --for 10m", completed: "watch --for 10min"),
        Typed(line: "mcastd set --for 10m", completed: "set --for 10min"),
        Typed(line: "mcastd doctor --wait 13", completed: "doctor --wait 130s"),
        Typed(line: "mcastd rules test gen", completed: "rules test generator-on"),
        Typed(line: "mcastd rules test ru\tup\tx", completed: "rules test rules/ups.scenario x"),
        Typed(line: "mcastd-mqtt che", completed: "check"),
        Typed(line: "mcastd-mqtt run --config /etc/host.co", completed: "run --config /etc/host.conf"),
        Typed(line: "mcastd-mqtt run --instance la", completed: "run --instance lab"),
      ]

      /// What the daemons know: `host1`, which says two readings and one for practice, and in mcastd@lab
      /// `web2`, which says one.
      static let known = [
        Typed(line: "mcastd set ups.st\tOB", completed: "set ups.status=OB"),
        Typed(line: "mcastd set ups.status=OB te\t1", completed: "set ups.status=OB temp.inlet=1"),
        Typed(line: "mcastd set ups.status=", completed: "set ups.status="),
        Typed(line: "mcastd set --instance lab temp.\t1", completed: "set --instance lab temp.room=1"),
        Typed(line: "mcastd set --instance=lab temp.\t1", completed: "set --instance=lab temp.room=1"),
        Typed(
          line: "mcastd set --control /run/mcastd-lab/io.mcastd temp.\t1",
          completed: "set --control /run/mcastd-lab/io.mcastd temp.room=1"),
        Typed(line: "mcastd unset ups.", completed: "unset ups.status"),
        Typed(line: "mcastd unset --test ups.", completed: "unset --test ups.charge"),
        Typed(line: "mcastd peers --explain we", completed: "peers --explain web2"),
        Typed(line: "mcastd readings we", completed: "readings web2"),
        Typed(line: "mcastd readings host1 we", completed: "readings host1 web2"),
        Typed(line: "mcastd rules test a --name we", completed: "rules test a --name web2"),
        Typed(line: "mcastd watch --peers-expected no", completed: "watch --peers-expected none"),
        Typed(line: "mcastd watch --peers-expected host1,we", completed: "watch --peers-expected host1,web2"),
        Typed(line: "mcastd watch --source 127.0.0.2,127", completed: "watch --source 127.0.0.2,127.0.0.1"),
      ]
    }

    /// Where tests must not be skipped they run, and fail without it.
    private static let hasShells: @Sendable () async throws -> Bool = {
      if ProcessInfo.processInfo.environment["MCASTD_REQUIRE_SYSTEM_TESTS"] == "1" { return true }
      return try await ChildProcess.run(["sh", "-c", "command -v bash zsh fish"]).succeeded
    }
    private static let need: Comment = "needs bash, zsh and fish (packaging/install-test-dependencies)"

    @Test(
      "a tab completes commands, options, values, interfaces, files, rules and instances",
      .enabled(need, hasShells), arguments: ["bash", "zsh", "fish"])
    func completes(shell: String) async throws {
      try await withCompletions { host, directory in
        let output = try await host.complete(Typed.all.map(\.line), in: shell, directory)
        for (typed, line) in zip(Typed.all, output.lines) { #expect(line == typed.completed, "\(typed)") }
        #expect(output.lines.count == Typed.all.count, "\(output)")
      }
    }

    @Test(
      "a tab completes what the daemon knows: keys, peers, hosts and addresses", .enabled(need, hasShells),
      arguments: ["bash", "zsh", "fish"])
    func completesKnown(shell: String) async throws {
      try await withCompletions { host, directory in
        let output = try await host.complete(
          Typed.known.map(\.line), in: shell, directory,
          after: """
            for name in host1 web2; do
              run=/run/mcastd; [ $name = host1 ] || run=/run/mcastd-lab
              RUNTIME_DIRECTORY=$run mcastd run --interface lo --name $name --interval 100ms >&2 &
              pids="$pids $!"
              until mcastd set --control $run/io.mcastd temp.$([ $name = host1 ] && echo inlet || echo room)=20C
              do sleep 0.1; done
            done
            mcastd set ups.status=OL && mcastd set --test ups.charge=3%
            until mcastd readings | grep web2; do sleep 0.1; done >/dev/null
            """)
        for (typed, line) in zip(Typed.known, output.lines) {
          #expect(line == typed.completed, "\(typed)")
        }
        #expect(output.lines.count == Typed.known.count, "\(output)")
      }
    }

    @Test("nobody waits for a daemon that hangs, and nothing is said of one that is not there")
    func waitsForNobody() async throws {
      try await RuntimeDirectory.with { directory in
        try await NetworkNamespace.with { host in
          let environment = ["RUNTIME_DIRECTORY": directory]
          let ask = { () async throws -> Output in
            try await host.run(
              [
                Repository.binary, "---completion", "set", "--", "positional@0", "2", "0", "mcastd", "set",
                "",
              ],
              environment: environment
            ).checked()
          }
          let nobody = try await ask()
          #expect(nobody.lines == [] && nobody.errorText == "", "\(nobody)")
          try await host.daemon(["--interface", "lo", "--name", "h1"], environment: environment) { daemon in
            try await daemon.event(EventID.started)
            try await host.run(
              [Repository.binary, "set", "ups.status=OB"], environment: environment
            ).checked()
            #expect(try await ask().lines == ["ups.status="])
            daemon.send(signal: SIGSTOP)
            defer { daemon.send(signal: SIGCONT) }
            let start = ContinuousClock.now
            let hung = try await ask()
            // Any other call waits for 5 s.
            #expect(start.duration(to: .now) < .seconds(2))
            #expect(hung.lines == [] && hung.errorText == "", "\(hung)")
          }
        }
      }
    }

    @Test("the name of an interface or a file is never run by a shell", .enabled(need, hasShells))
    func hostileName() async throws {
      try await withCompletions { host, directory in
        try await host.ip("link", "add", "$(>hit)", "type", "veth", "peer", "name", "`>hit`")
        try await host.run("touch", "\(directory)/$(>hit)", "\(directory)/rules/$(>hit).rule").checked()
        for shell in ["bash", "zsh", "fish"] {
          let output = try await host.complete(
            ["mcastd run --interface unc", "mcastd rules test gen"], in: shell, directory)
          #expect(output.lines == ["run --interface uncommon0", "rules test generator-on"], "\(output)")
        }
        let names = try await host.run("ls", directory).checked().lines
        #expect(!names.contains("hit"), "\(names)")
      }
    }

    private func withCompletions(_ body: (NetworkNamespace, String) async throws -> Void) async throws {
      try await RuntimeDirectory.with { directory in
        let programs = [(Repository.binary, "mcastd"), (Repository.bridge, "mcastd-mqtt")]
        for (path, name) in programs {
          try await ChildProcess.run(["install", "-D", path, "\(directory)/bin/\(name)"]).checked()
        }
        let rules = ["\(directory)/rules/generator-on.rule", "\(directory)/rules/ups.scenario"]
        for rule in rules { try await ChildProcess.run(["install", "-D", "/dev/null", rule]).checked() }
        try await NetworkNamespace.with { host in
          for (_, name) in programs {
            try await host.run(
              Repository.path("/packaging/completions/generate"), "\(directory)/bin/\(name)", directory
            ).checked()
          }
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
  ///
  /// - Parameter preparation: a script that runs before; processes in `$pids` are ended after.
  fileprivate func complete(
    _ lines: [String], in shell: String, _ directory: String, after preparation: String = ":"
  ) async throws -> Output {
    try await run(
      [
        "sh", "-euc",
        """
        mount --bind "$2" /mnt; mount -t tmpfs tmpfs /run; mkdir /run/mcastd /run/mcastd-lab; cd /mnt
        export PATH="/mnt/bin:$PATH" MCASTD_RULES_DIRECTORY=/mnt/rules
        pids=
        trap '[ -z "$pids" ] || kill $pids' EXIT
        \(preparation)
        shell=$1; shift 2
        python3 "$0" "$shell" /mnt "$@"
        """,
        Repository.peer("complete"), shell, directory,
      ] + lines)
  }
}
