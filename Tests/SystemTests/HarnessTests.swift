// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension SystemTests {
  /// What the other suites stand on must itself hold.
  struct HarnessTests {
    @Test("a child's output, error and exit status are told apart")
    func childProcess() async throws {
      let output = try await ChildProcess.run(
        ["sh", "-c", "cat; echo no >&2; exit 3"], input: Array("yes".utf8))
      #expect(output.text == "yes")
      #expect(output.errorLines == ["no"])
      #expect(output.status == .exited(3))
    }

    @Test("a line is awaited while the child runs on")
    func line() async throws {
      try await ChildProcess.running(["sh", "-c", "echo one; echo two; exec cat /dev/zero >/dev/null"]) {
        process in
        let line = try await process.line { $0.hasPrefix("tw") }
        #expect(line == "two")
        await #expect(throws: NeverHappened.self) {
          try await process.line(within: .milliseconds(50)) { $0 == "three" }
        }
        process.send(signal: SIGTERM)
        let output = try await process.exit()
        #expect(output.status == .killed(by: SIGTERM))
      }
    }

    @Test("two containers on a bridge have their own systemd, name and address, and hear each other")
    func containers() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        try await Container.running(network: .namespace(bridge.hosts[0])) { first in
          try await Container.running(network: .namespace(bridge.hosts[1])) { second in
            #expect(try await first.run("systemctl", "is-system-running").lines == ["running"])
            #expect(try await second.run("hostname").lines == [second.name])
            let machines = try await (
              first.run("cat", "/etc/machine-id").text, second.run("cat", "/etc/machine-id").text
            )
            #expect(machines.0 != machines.1)
            // Neither systemd manages the other's processes.
            let groups = try (
              readFile("/proc/\(first.leader)/cgroup"), readFile("/proc/\(second.leader)/cgroup")
            )
            #expect(groups.0 != groups.1)
            try await second.peer("receiver") { receiver in
              try await receiver.line { $0 == "ready" }
              try await first.peer("sender", "--count", "1", "--interval", "0")
              let line = try await receiver.line { $0.contains("ATU ") }
              #expect(line.contains(" \(Bridge.address(ofHost: 1)) 30 ATU "))
            }
          }
        }
      }
    }

    @Test("what a killed run left behind is cleared away by the next")
    func leftovers() async throws {
      let directory = "/run/mcastd-tests"
      try await NetworkNamespace.with { namespace in
        try await namespace.running("sh", "-c", "echo ready; exec cat /dev/zero") { process in
          try await process.line { $0 == "ready" }
          // As if this namespace were another run's.
          clearAway(prefix: namespace.name, directory: "\(directory)/none")
          let output = try await process.exit(within: .seconds(5))
          #expect(output.status == .killed(by: SIGKILL))
          #expect(!entries(of: "/run/netns").contains(namespace.name))
        }
      }
    }
  }
}
