// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension SystemTests {
  /// README.md, word for word, by somebody who has just two Debian hosts on a switch.
  struct ReadmeTests {
    /// What somebody who builds it does: `.ci/run` runs both.
    private static let building = ["packaging/run", "packaging/test"]
    /// These go on until they are stopped.
    private static let endless = ["mcastd monitor", "mcastd watch"]
    /// Its status is what it found.
    private static let judging = ["mcastd doctor"]

    @Test("every command and output of README.md is what happens", arguments: DebianRelease.tested)
    func everything(release: DebianRelease) async throws {
      let steps = try ReadmeStep.all(in: SourceTree.read("README.md"))
      try #require(steps.count > 30)
      let package = try await DebianPackage.current.value
      try await Bridge.with(hosts: 2) { bridge in
        try await Container.running(on: release, network: .namespace(bridge.hosts[0])) { ups1 in
          try await Container.running(on: release, network: .namespace(bridge.hosts[1])) { rack1 in
            let hosts = ["ups1": ups1, "rack1": rack1]
            for (name, host) in hosts {
              try await host.run("hostname", name).checked()
              try await host.put(package.path, at: "/root/mcastd_\(package.version)_amd64.deb")
            }
            var picture: [String] = []
            for step in steps {
              switch step {
              case .picture(let lines): picture = lines
              // It shows the hosts as they are after the first rule.
              case .section("Heartbeats that cannot be forged"):
                try await expect(picture, on: rack1, bridge.hosts[1])
              case .section: break
              case .file(let path, let text): try await rack1.write(text, to: path)
              case .command(let command): try await run(command, on: hosts[command.host] ?? ups1)
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

    private func run(_ command: ReadmeStep.Command, on host: Container) async throws {
      if Self.building.contains(command.text) {
        #expect(access(Repository.path("/\(command.text)"), X_OK) == 0)
        return
      }
      let isEndless = Self.endless.contains(command.text)
      let line = (isEndless ? "timeout 3 " : "") + command.text
      let shell =
        command.isRoot
        ? ["sh", "-c", "cd && \(line)"]
        : ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "sh", "-c", line]
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
        "\(command.text) prints what README shows, not \(last?.text ?? "")", within: .seconds(60)
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
