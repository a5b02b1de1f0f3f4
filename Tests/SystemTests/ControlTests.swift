// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// The control socket, as clients find it that share no line with ours, and as they should not be.
  @Suite(.container)
  struct ControlTests {
    private static let socket = "/run/mcastd/io.mcastd"

    /// Where the socket is, seen from outside, where Python and its packages are.
    private func path(_ container: Container) async throws -> String {
      try await container.systemctl("start", "mcastd")
      return container.root + Self.socket
    }

    private func varlink(_ arguments: String...) async throws -> Output {
      try await ChildProcess.run(
        ["python3", "-m", "varlink.cli"] + arguments, environment: ["PYTHONUTF8": "1"])
    }

    /// Where tests must not be skipped they run, and fail without it.
    private static let hasClient: @Sendable () async throws -> Bool = {
      if ProcessInfo.processInfo.environment["MCASTD_REQUIRE_SYSTEM_TESTS"] == "1" { return true }
      return try await ChildProcess.run(["python3", "-c", "import varlink.cli"]).succeeded
    }
    private static let need: Comment = "needs python3 with the PyPI package varlink (packaging/test-python)"

    // MARK: Python's client

    @Test("python3 -m varlink.cli lists the interface", .enabled(need, hasClient))
    func lists() async throws {
      let path = try await path(Container.current)
      let info = try await varlink("info", "unix:\(path)").checked()
      #expect(info.text.contains("Product: mcastd"))
      #expect(info.text.contains("io.mcastd\n"))
      let help = try await varlink("help", "unix:\(path)/io.mcastd").checked()
      for method in ["GetStatus", "ListPeers", "ExplainPeer", "Monitor", "Reload"] {
        #expect(help.text.contains("method \(method)("))
      }
    }

    @Test("it calls each method", .enabled(need, hasClient))
    func calls() async throws {
      let path = try await path(Container.current)
      let status = try await varlink("call", "unix:\(path)/io.mcastd.GetStatus", "{}").checked()
      let decoded = try JSONDecoder().decode(DaemonStatus.self, from: Data(status.standardOutput))
      #expect(decoded.isBalanced)
      #expect(decoded.memberships.first?.group == "239.1.1.1")
      let peers = try await varlink("call", "unix:\(path)/io.mcastd.ListPeers", "{}").checked()
      #expect(peers.text.contains(#""networkSilent": false"#))
      try await varlink("call", "unix:\(path)/io.mcastd.Reload", "{}").checked()
    }

    @Test("it is told why a configuration is refused", .enabled(need, hasClient))
    func refused() async throws {
      let path = try await path(Container.current)
      let call = #"{"environment": {"MCASTD_PORT": "70000"}}"#
      let output = try await varlink("call", "unix:\(path)/io.mcastd.Reload", call)
      // It prints errors on standard error, and exits with 0 all the same.
      #expect(output.errorText.contains("io.mcastd.ConfigurationRefused"), "\(output)")
      #expect(output.errorText.contains("MCASTD_PORT=70000"))
    }

    // MARK: Who may do what

    @Test("everyone may ask, but only root and the daemon's own user may reload")
    func permission() async throws {
      let container = try Container.current
      try await container.systemctl("start", "mcastd")
      let mode = try await container.run("stat", "--format=%a %F", Self.socket)
      #expect(mode.lines == ["666 socket"])
      func mcastd(as user: String, _ command: String) async throws -> Output {
        try await container.run("setpriv", "--reuid=\(user)", "--clear-groups", "mcastd", command)
      }
      for user in ["nobody", "mcastd", "root"] {
        for command in ["status", "peers"] {
          #expect(try await mcastd(as: user, command).status == .exited(0), "\(user) \(command)")
        }
      }
      let start = try await container.journalEnd()
      let refused = try await mcastd(as: "nobody", "reload")
      #expect(refused.status == .exited(77))
      try await container.syncJournal()
      #expect(try await container.journal(after: start, "MESSAGE_ID=\(EventID.configurationApplied)").isEmpty)
      #expect(try await mcastd(as: "mcastd", "reload").status == .exited(0))
      #expect(try await mcastd(as: "root", "reload").status == .exited(0))
    }

    @Test("without a daemon every client says so, with 69")
    func noDaemon() async throws {
      let container = try Container.current
      try await container.systemctl("stop", "mcastd")
      for command in ["status", "peers", "reload"] {
        let output = try await container.run("mcastd", command)
        #expect(output.status == .exited(69))
        #expect(output.errorText.contains(Self.socket))
        #expect(output.errorText.contains("`systemctl start mcastd`"))
        let instance = try await container.run("mcastd", command, "--instance", "lab")
        #expect(instance.status == .exited(69))
        #expect(instance.errorText.contains("`systemctl start mcastd@lab`"))
      }
    }

    // MARK: Bad clients

    @Test("what is no request is answered with an error and the door", arguments: BadRequest.allCases)
    func malformed(request: BadRequest) async throws {
      let container = try Container.current
      let path = try await path(container)
      let output = try await container.peer("caller", path, "send", input: request.bytes).checked()
      #expect(output.lines.count == 2, "\(output)")
      #expect(output.lines.first?.contains(#""error":"org.varlink.service."#) == true, "\(output)")
      #expect(output.lines.last == "closed")
      #expect(try await container.status().isBalanced)
    }

    @Test("a megabyte that never ends is not read to its end")
    func endless() async throws {
      let container = try Container.current
      let path = try await path(container)
      let request = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
      let output = try await container.peer("caller", path, "send", input: request).checked()
      #expect(output.lines.last == "closed", "\(output)")
      #expect(try await container.status().isBalanced)
    }

    /// Callers in the container, as the unit sees them: PrivateUsers= makes all users but root and mcastd
    /// one.
    private func user(_ container: Container, _ path: String, _ mode: String, _ user: String) -> [String] {
      [
        "nsenter", "--target=\(container.leader)", "--net", "--pid", "python3", "-u",
        Repository.peer("caller"), path, mode, user,
      ]
    }

    @Test("a user who opens connections without end does not crowd out another one, in the unit's sandbox")
    func users() async throws {
      let container = try Container.current
      let path = try await path(container)
      #expect(try await container.properties("PrivateUsers") == ["PrivateUsers": "yes"])
      try await ChildProcess.running(user(container, path, "crowd", "1001")) { crowd in
        try await crowd.line { $0 == "ready" }
        let other = try await ChildProcess.run(user(container, path, "late", "1002")).checked()
        #expect(other.lines == ["answered", "answered", "answered", "answered"])
        // It ends by itself: nsenter, which is what can be killed here, has it as a child.
        #expect(try await crowd.exit().status == .exited(0))
      }
    }

    @Test(
      "200 idle connections, or one that asks and never reads: others are served, and no beat is left out",
      arguments: [("idle", "200"), ("deaf", "20000")])
    func crowd(mode: String, count: String) async throws {
      let container = try Container.current
      try await container.withDropIn("WatchdogSec=2s\nEnvironment=\(BeatWatch.settings)") {
        let path = try await path(container)
        try await BeatWatch.watching(container) { beats in
          try await container.peer("caller", path, mode, count) { caller in
            try await caller.line { $0 == "ready" }
            for _ in 0..<5 { #expect(try await container.status().isBalanced) }
            try await beats.expectNoneMissing()
            try await container.run("mcastd", "reload").checked()
          }
        }
        #expect(try await container.properties("NRestarts") == ["NRestarts": "0"])
      }
    }
  }
}

enum BadRequest: String, CaseIterable {
  case noJSON = "not JSON"
  case unfinished = #"{"method":"#
  case noObject = "[]"
  case noMethod = "{}"
  case empty = ""
  case overLong = #"{"method":"io.mcastd.GetStatus","parameters":{"x":"…"}}"#

  /// With the NUL that ends a message, and more than 64 KiB for the ellipsis.
  var bytes: [UInt8] {
    let parts = rawValue.split(separator: "…", omittingEmptySubsequences: false).map { Array($0.utf8) }
    return Array(parts.joined(separator: [UInt8](repeating: UInt8(ascii: "y"), count: 65_536))) + [0]
  }
}
