// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension SystemTests {
  /// README.md, word for word, by somebody who has just two Debian hosts on a switch.
  struct ReadmeTests {
    /// The developer's own machine.
    private static let developer = "dev"
    /// These go on until they are stopped.
    private static let endless = ["mcastd monitor", "mcastd watch"]
    /// The heading before which the picture was taken.
    private static let afterFirstRule = "Heartbeats that cannot be forged"
    /// Its status is what it found.
    private static let judging = ["mcastd doctor"]

    @Test("every command and output of README.md is what happens, on Debian 12 and 13")
    func everything() async throws {
      let steps = try ReadmeStep.all(in: SourceTree.read("README.md"))
      try #require(steps.count > 30)
      // Most of it is waiting.
      try await withThrowingTaskGroup(of: Void.self) { group in
        for release in DebianRelease.tested { group.addTask { try await follow(steps, on: release) } }
        try await group.waitForAll()
      }
    }

    private func follow(_ steps: [ReadmeStep], on release: DebianRelease) async throws {
      let package = try await DebianPackage.current.value
      try await Bridge.with(hosts: 2) { bridge in
        try await Container.running(on: release, network: .namespace(bridge.hosts[0])) { ups1 in
          try await Container.running(on: release, network: .namespace(bridge.hosts[1])) { rack1 in
            let hosts = ["": [ups1], "ups1": [ups1], "rack1": [rack1], "each": [ups1, rack1]]
            for (name, host) in [("ups1", ups1), ("rack1", rack1)] {
              try await host.run("hostname", name).checked()
              try await host.put(package.path, at: "/root/mcastd_\(package.version)_amd64.deb")
            }
            try #require(steps.contains(.section(Self.afterFirstRule)))
            var picture: [String] = []
            for step in steps {
              switch step {
              case .picture(let lines): picture = lines
              // It shows the hosts as they are after the first rule.
              case .section(Self.afterFirstRule):
                try await expect(picture, on: rack1, bridge.hosts[1])
              case .section: break
              case .file(let path, let text): try await rack1.write(text, to: path)
              case .command(let command) where command.host == Self.developer: try await build(command)
              case .command(let command):
                for host in try #require(hosts[command.host]) { try await run(command, on: host) }
              }
              // As README says there: the file is copied to every host.
              if case .command(let command) = step, command.text.contains("mcastd key new") {
                try await rack1.put(ups1.root + "/etc/mcastd/keys", at: "/etc/mcastd/keys")
              }
            }
          }
        }
      }
    }

    /// `packaging/run`, and `packaging/test`, by which this runs.
    private func build(_ command: ReadmeStep.Command) async throws {
      let path = Repository.path("/\(command.text)")
      guard !command.output.isEmpty else {
        #expect(access(path, X_OK) == 0)
        return
      }
      try await NetworkNamespace.with { host in
        let output = try await host.run(
          "sh", "-c", "MCASTD_BINARY='\(Repository.binary)' timeout --signal=INT 6 '\(path)' 2>&1")
        #expect(ReadmeOutput.matches(output.lines, command.output), "\(output)")
      }
    }

    private func run(_ command: ReadmeStep.Command, on host: Container) async throws {
      let isEndless = Self.endless.contains(command.text)
      let line = (isEndless ? "timeout 3 " : "") + command.text + (command.output.isEmpty ? "" : " 2>&1")
      let shell =
        command.isRoot
        ? ["sh", "-c", "cd && \(line)"]
        : Container.asNobody + ["sh", "-c", line]
      func output() async throws -> Output {
        try await ChildProcess(host.inside(shell)).exit(within: .seconds(120))
      }
      guard !command.output.isEmpty else {
        let statuses: [Int32] = isEndless ? [124] : Self.judging.contains(command.text) ? [0, 1, 2] : [0]
        let output = try await output()
        #expect(statuses.contains { output.status == .exited($0) }, "\(command.text): \(output)")
        return
      }
      var last: Output?
      try await eventually(
        "\(command.text) prints what README shows, not \(last.map { "\($0)" } ?? "")", within: .seconds(60)
      ) {
        let output = try await output()
        last = output
        return ReadmeOutput.matches(output.lines, command.output) ? () : nil
      }
    }

    private func expect(_ picture: [String], on host: Container, _ network: NetworkNamespace) async throws {
      let command = host.inside(["mcastd", "watch"], environment: ["TERM": "screen", "NO_COLOR": "1"])
      try await WatchLiveTerminal.with(on: network) { terminal in
        try await terminal.type(command.map { "'\($0)'" }.joined(separator: " "))
        try await terminal.shows { ReadmeOutput.matches(Array($0.prefix(picture.count)), picture) }
      }
    }
  }
}
