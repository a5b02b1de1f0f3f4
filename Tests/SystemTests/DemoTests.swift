// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension SystemTests {
  /// `mcastd demo` as the package has it, on a machine with nothing else of ours.
  @Suite(.package)
  struct DemoTests {
    /// Where there are no namespaces to be had, as in many containers.
    private static let withoutNamespaces = [
      "systemd-run", "--quiet", "--wait", "--pipe", "--property=RestrictNamespaces=yes",
      "--property=User=nobody",
    ]

    @Test(
      "shows each step to root, to nobody and without namespaces, acts on no unit, and leaves nothing behind")
    func shows() async throws {
      // It takes half a minute of waiting, so all are at the same time.
      try await withThrowingTaskGroup(of: Void.self) { group in
        for release in DebianRelease.tested {
          let container = try Container.packaged(on: release)
          try await container.enableAction(for: "fans-off")
          for prefix in [[], Container.asNobody] {
            group.addTask { try await Self.expectDemo(prefix, hasNamespaces: true, in: container) }
          }
          group.addTask {
            try await Self.expectDemo(Self.withoutNamespaces, hasNamespaces: false, in: container)
          }
        }
        try await group.waitForAll()
      }
      for release in DebianRelease.tested {
        let container = try Container.packaged(on: release)
        #expect(try await container.actions(of: "fans-off") == [])
        #expect(try await container.run("sh", "-c", "ls -d /tmp/mcastd-demo.*").lines == [])
        let daemons = try await container.run("pgrep", "--count", "--full", "mcastd run --config")
        #expect(daemons.lines == ["0"])
      }
    }

    private static func expectDemo(
      _ prefix: [String], hasNamespaces: Bool, in container: Container
    ) async throws {
      let demo = try ChildProcess(container.inside(prefix + ["mcastd", "demo"]))
      let output = try await demo.exit(within: .seconds(150))
      #expect(output.status == .exited(0), "\(output)")
      #expect(output.errorText == "", "\(output)")
      #expect(output.lines.count { $0.contains("seen by 5 of 5") } == 1, "\(output)")
      // A time before each.
      let steps = output.lines.count { $0.prefixMatch(of: #/ *\d+\.\d s  /#) != nil }
      #expect(steps == 11, "\(output)")
      #expect(output.text.contains("in a network namespace of its own") == hasNamespaces, "\(output)")
    }

    @Test("leaves nothing behind where it is interrupted, or its reader goes", arguments: [SIGINT, SIGPIPE])
    func interrupted(signal: Int32) async throws {
      try await RuntimeDirectory.with { directory in
        try await NetworkNamespace.with { host in
          // Who starts it may ignore SIGCHLD, which is inherited.
          let demo = "trap '' CHLD; exec \(Repository.binary) demo"
          let command = signal == SIGPIPE ? "(\(demo)) | head --lines=1" : demo
          try await host.running("env", "TMPDIR=\(directory)", "bash", "-o", "pipefail", "-c", command) {
            demo in
            try await demo.line { $0.contains("Five hosts") }
            if signal != SIGPIPE { demo.send(signal: signal) }
            #expect(try await demo.exit().status == .exited(128 + signal))
          }
          #expect(try await ChildProcess.run(["ls", directory]).lines == [])
        }
      }
    }
  }
}
