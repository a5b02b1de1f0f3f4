// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension SystemTests {
  /// A file of keys that is not as it should be, and secrets that nobody is to see.
  struct KeySecrecyTests {
    private static let mac = "m hmac-sha256 \(SealedSender.secrets[0])"
    private static let other = "o hmac-sha256 \(SealedSender.secrets[1])"

    private static func arguments(_ folder: KeyFolder, _ name: String) -> [String] {
      [
        "--interface", "eth0", "--interval", "100ms", "--name", name, "--auth-mode", "require", "--auth-keys",
        folder.keys,
      ]
    }

    @Test("without keys, or with none to send with, a start is refused with 78, and told what to do")
    func start() async throws {
      try await NetworkNamespace.with { host in
        try await KeyFolder.with { folder in
          func refused(
            _ arguments: [String], by commands: [String] = ["run", "check"], _ advice: String...
          ) async throws {
            for command in commands {
              let output = try await host.run([Repository.binary, command] + arguments)
              #expect(output.status == .exited(78), "\(output)")
              for word in advice { #expect(output.errorText.contains(word), "\(output)") }
            }
          }
          let mode = ["--name", "alpha", "--auth-mode", "require"]
          // For a check they may be the service's credential.
          try await refused(mode, by: ["run"], "auth.keys", "LoadCredential=mcastd.keys:", "mcastd key new")
          let arguments = Self.arguments(folder, "alpha")
          try await refused(arguments, folder.keys)
          try folder.writeKeys(Self.mac + " host=beta")
          try await refused(arguments, "no key is for alpha to send with", "host=alpha")
          try folder.writeKeys(Self.mac)
          chmod(folder.keys, 0o644)
          try await refused(arguments, "chmod 640 \(folder.keys)")
          try folder.writeKeys(Self.mac, "m hmac-sha256 \(SealedSender.secrets[1])")
          try await refused(arguments, "\(folder.keys): line 2")
          try folder.writeKeys(Self.mac)
          try await refused(["--auth-mode", "require", "--auth-keys", folder.keys], "name")
          let right = try await host.run([Repository.binary, "check"] + arguments)
          #expect(right.status == .exited(0), "\(right)")
        }
      }
    }

    @Test("a reload with a damaged, missing or unreadable file is refused, and the keys in force stay it")
    func reload() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let hosts = bridge.hosts
        try await KeyFolder.with(2) { folders in
          for folder in folders { try folder.writeKeys(Self.mac) }
          try await hosts[0].daemon(Self.arguments(folders[0], "h0"), environment: folders[0].environment) {
            daemon in
            try await hosts[1].daemon(Self.arguments(folders[1], "h1")) { _ in
              try await daemon.event(EventID.peerDiscovered) { $0["MCAST_HOST"] == "h1" }
              let damages: [() throws -> Void] = [
                { try folders[0].writeKeys("m hmac-sha256 QUFB") }, { try folders[0].writeKeys("") },
                { unlink(folders[0].keys) },
                {
                  try folders[0].writeKeys(Self.other)
                  chmod(folders[0].keys, 0o604)
                },
              ]
              for (number, damage) in damages.enumerated() {
                try damage()
                daemon.send(signal: SIGHUP)
                let refused = try await eventually("\(number) is refused: \(daemon.report)") {
                  daemon.events(EventID.configurationRefused).dropFirst(number).first
                }
                #expect(refused.message.contains(folders[0].keys), "\(refused)")
                let heard = daemon.lines.count
                try await daemon.lines(heard + 20)
                let proofs = daemon.datagrams.dropFirst(heard).map { $0["MCAST_AUTH"] }
                #expect(proofs.allSatisfy { $0 == "ok" }, "\(proofs)")
              }
              let peer = try await eventually("it is listed") { try await folders[0].peers(hosts[0]).first }
              #expect(peer.host == "h1" && peer.auth == "ok" && peer.missed == 0)
              #expect(try await folders[0].status(hosts[0]).unauthenticated == 0)
              // The file is put right, with the key of both at the end.
              try folders[0].writeKeys(Self.mac, Self.other)
              daemon.send(signal: SIGHUP)
              try await daemon.event(EventID.configurationApplied) { $0.message.contains("keys: ") }
            }
          }
        }
      }
    }

    @Test("no secret is in what commands print, in entries, in the environment, or in what a core dump has")
    func secrets() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let hosts = bridge.hosts
        try await KeyFolder.with { folder in
          // Bytes that are in no program by chance.
          let keys = [UInt8(0x5a), 0xc3].map { first in
            var random = SeededRandom(testSeed: UInt64(first))
            return (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
          }
          let texts = try await encoded(keys, on: hosts[0])
          try folder.writeKeys("m hmac-sha256 \(texts[0])", "s ed25519 \(texts[1])")
          let arguments = Self.arguments(folder, "h0")
          let environment = folder.environment.merging(["MCASTD_LOG_LEVEL": "debug"]) { $1 }
          try await hosts[0].daemon(arguments, environment: environment) { daemon in
            try await daemon.lines(10)
            try folder.writeKeys("m hmac-sha256 \(texts[0])", "s ed25519 \(texts[1])", Self.other)
            daemon.send(signal: SIGHUP)
            try await daemon.event(EventID.configurationApplied)
            var printed: [String] = []
            let binary = Repository.binary
            for command in [
              [binary, "check"] + arguments, [binary, "status"], [binary, "status", "--json"],
              [binary, "peers"], [binary, "peers", "--json"], [binary, "reload"],
              ["timeout", "2", binary, "watch", "--json", "--interface", "eth0", "--auth-keys", folder.keys],
            ] {
              let output = try await hosts[0].run(command, environment: environment)
              printed.append("\(output)")
            }
            let entries = (daemon.events + daemon.datagrams).flatMap { entry in
              entry.names.map { String(decoding: entry.bytes($0) ?? [], as: UTF8.self) }
            }
            #expect(entries.count > 100 && printed.count == 7)
            for text in printed + entries + daemon.process.errorLines {
              for secret in texts { #expect(!text.contains(secret.prefix(20)), "\(text)") }
            }
            let patterns = keys + texts.map { Array($0.utf8.prefix(40)) }
            let process = "\(daemon.process.processIdentifier)"
            let found = try await search(for: patterns, in: process, on: hosts[0])
            // The seed is what it signs with.
            #expect(!found.isEmpty && found.allSatisfy { $0.hasPrefix("memory dd ") }, "\(found)")
          }
        }
      }
    }

    @Test("a core dump of the kernel has no secret in it, but what is sealed with them")
    func core() async throws {
      let pattern = try SourceTree.text("/proc/sys/kernel/core_pattern")
      guard !pattern.hasPrefix("|"), !pattern.hasPrefix("/") else {
        try Test.cancel("core dumps go to \(pattern), and not into the daemon's directory")
      }
      try await Bridge.with(hosts: 2) { bridge in
        let host = bridge.hosts[0]
        try await KeyFolder.with { folder in
          var random = SeededRandom(testSeed: 7)
          let keys = (0..<2).map { _ in (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
          let texts = try await encoded(keys, on: host)
          try folder.writeKeys("m hmac-sha256 \(texts[0])", "s ed25519 \(texts[1])")
          let script = #"cd "$1" && ulimit -c unlimited && shift && exec "$@""#
          let command = ["sh", "-c", script, "sh", folder.path, Repository.binary, "run"]
          try await host.running(command + Self.arguments(folder, "h0"), environment: folder.environment) {
            process in
            try await process.lines(10) { $0.contains(" mac=m:") && $0.contains(" sig=s:") }
            process.send(signal: SIGABRT)
            _ = try await process.exit()
          }
          let name = try #require(entries(of: folder.path).first { $0.hasPrefix("core") })
          let core = "\(folder.path)/\(name)"
          // That it is searched, and has what is no secret.
          let sealed = hexadecimal(Array(" mac=m:".utf8))
          #expect(try await search(for: [Array(" mac=m:".utf8)], in: core, on: host) == ["\(core) \(sealed)"])
          let patterns = keys + texts.map { Array($0.utf8.prefix(40)) }
          #expect(try await search(for: patterns, in: core, on: host) == [])
        }
      }
    }

    /// In base64, by Python.
    private func encoded(_ keys: [[UInt8]], on host: NetworkNamespace) async throws -> [String] {
      let script =
        "import base64, sys\nfor key in sys.argv[1:]: print(base64.b64encode(bytes.fromhex(key)).decode())"
      return try await host.run(["python3", "-c", script] + keys.map(hexadecimal)).checked().lines
    }

    /// Where secrets are found.
    ///
    /// - Parameter place: The number of a process, or a file.
    private func search(
      for patterns: [[UInt8]], in place: String, on host: NetworkNamespace
    ) async throws -> [String] {
      let command = ["python3", Repository.peer("secrets"), place] + patterns.map(hexadecimal)
      let lines = try await host.run(command).checked().lines
      let searched = try #require(lines.last?.firstMatch(of: /searched (\d+)/).flatMap { Int($0.1) })
      #expect(searched > 1 << 20)
      return lines.dropLast()
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
      bytes.map { String(Int($0) + 256, radix: 16).suffix(2) }.joined()
    }
  }
}
