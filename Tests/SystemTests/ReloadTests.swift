// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// A changed configuration reaches the running daemon, or is refused and changes nothing.
  @Suite(.container)
  struct ReloadTests {
    private static let file = "/etc/mcastd/mcastd.conf"
    private static let dropIn = "/etc/systemd/system/mcastd.service.d/test.conf"

    /// A daemon with this file, for the time of `body`.
    private func running(_ text: String = "", _ body: (Container, Identity) async throws -> Void) async throws
    {
      let container = try Container.current
      try await container.withDropIn("") {
        try await container.write(text, to: Self.file)
        try await container.systemctl("start", "mcastd")
        let result: Result<Void, any Error>
        do {
          try await body(container, Identity(of: container))
          result = .success(())
        } catch {
          result = .failure(error)
        }
        try await container.run("rm", "-rf", "/etc/mcastd").checked()
        try result.get()
      }
    }

    /// What stays the same as long as nothing was restarted or replaced.
    private struct Identity: Equatable {
      var process: String
      var sockets: Set<String>
      var state: [String: String]

      init(of container: Container, port: Int = 5001) async throws {
        process = try await container.mainProcess()
        sockets = try await container.receiveSockets(port: port)
        state = try await container.properties("ActiveState", "NRestarts", "NFileDescriptorStore")
      }
    }

    @Test("a changed file is in force when systemctl reload returns, on the same socket")
    func file() async throws {
      try await running { container, before in
        let start = try await container.journalEnd()
        let text = "interval=200ms\nttl=3\n[log]\nrate=7\nlevel=debug\n"
        try await container.write(text, to: Self.file)
        try await container.systemctl("reload", "mcastd")
        let settings = try await container.status().settings
        #expect(settings["interval"]?.value == "200ms")
        #expect(settings["ttl"]?.value == "3")
        #expect(settings["log.rate"]?.value.hasPrefix("7") == true)
        #expect(settings["log.level"]?.value == "debug")
        #expect(settings["ttl"]?.origin.contains(Self.file) == true)
        try await container.entries(1, after: start, "MESSAGE_ID=\(EventID.configurationApplied)")
        // Ten beats in 1.8 s; with the interval of before they would be nine seconds apart.
        let applied = try await container.journalEnd()
        let beats = try await container.entries(
          10, after: applied, "MCAST_KIND=heartbeat", within: .seconds(20))
        let times = beats.prefix(10).compactMap { $0["MCAST_RECEIVED_USEC"].flatMap(Int.init) }
        #expect(try #require(times.last) - #require(times.first) < 5_000_000, "\(times)")
        #expect(try await Identity(of: container) == before)
        #expect(before.sockets.count == 1 && before.state["NFileDescriptorStore"] == "1")
      }
    }

    @Test("a changed drop-in is in force after daemon-reload and reload")
    func goodDropIn() async throws {
      try await running { container, before in
        try await container.write("[Service]\nEnvironment=MCASTD_TTL=5\n", to: Self.dropIn)
        try await container.systemctl("daemon-reload")
        try await container.systemctl("reload", "mcastd")
        let setting = try #require(try await container.status().settings["ttl"])
        #expect(setting.value == "5")
        #expect(setting.origin.contains("MCASTD_TTL"))
        #expect(try await Identity(of: container) == before)
      }
    }

    @Test("a bad drop-in fails the reload with the reason, and the daemon runs on with what it had")
    func badDropIn() async throws {
      try await running("ttl=3\n") { container, before in
        let start = try await container.journalEnd()
        try await container.write("[Service]\nEnvironment=MCASTD_PORT=70000 MCASTD_TTL=9\n", to: Self.dropIn)
        try await container.systemctl("daemon-reload")
        let reload = try await container.run("systemctl", "reload", "mcastd")
        #expect(!reload.succeeded)
        let refusals = try await container.entries(
          1, after: start, "MESSAGE_ID=\(EventID.configurationRefused)")
        #expect(refusals.count == 1)
        #expect(refusals.first?["PRIORITY"] == "3")
        #expect(refusals.first?.message.contains("MCASTD_PORT=70000") == true)
        // The client's own words, in the unit's journal.
        try await container.entries(1, after: start, "--unit=mcastd") {
          $0["_TRANSPORT"] == "stdout" && $0["_PID"] != before.process
            && $0.message.contains("MCASTD_PORT=70000")
        }
        #expect(try await Identity(of: container) == before)
        let status = try await container.status()
        #expect(status.settings["ttl"]?.value == "3")
        #expect(status.settings["port"]?.value == "5001")
        try await container.entries(2, after: start, "MCAST_KIND=heartbeat")
        // systemd heard READY=1: the unit is not stuck in reloading, and reloads again once it is put right.
        try await container.write("[Service]\nEnvironment=MCASTD_TTL=9\n", to: Self.dropIn)
        try await container.systemctl("daemon-reload")
        try await container.systemctl("reload", "mcastd")
        #expect(try await container.status().settings["ttl"]?.value == "9")
      }
    }

    @Test("a changed group is joined, and the old one left, without a restart")
    func group() async throws {
      try await running("[log]\nrate=0\n") { container, before in
        try await container.write("group=239.7.7.7\nport=7007\n[log]\nrate=0\n", to: Self.file)
        try await container.systemctl("reload", "mcastd")
        let after = try await Identity(of: container, port: 7007)
        #expect(after.process == before.process)
        #expect(after.state == before.state)
        #expect(after.sockets.count == 1)
        #expect(try await container.receiveSockets() == [])
        // As the kernel's hexadecimal has them.
        let joined = try await container.run("cat", "/proc/net/igmp").text
        #expect(joined.contains("070707EF") && !joined.contains("010101EF"))
        try await container.burst("moved", rate: 1000, count: 100, "--group", "239.7.7.7", "--port", "7007")
        try await container.settled()
        #expect(try await container.logged("moved").missing(of: 100) == [])
        // The store hands the new one on.
        try await container.systemctl("restart", "mcastd")
        #expect(try await container.receiveSockets(port: 7007) == after.sockets)
      }
    }

    @Test("SIGHUP does the same without a caller")
    func hangUp() async throws {
      try await running { container, before in
        let start = try await container.journalEnd()
        try await container.write("ttl=4\n", to: Self.file)
        try await container.systemctl("kill", "--kill-whom=main", "--signal=HUP", "mcastd")
        try await container.entries(1, after: start, "MESSAGE_ID=\(EventID.configurationApplied)")
        #expect(try await container.status().settings["ttl"]?.value == "4")
        try await container.write("ttl=400\n", to: Self.file)
        try await container.systemctl("kill", "--kill-whom=main", "--signal=HUP", "mcastd")
        try await container.entries(1, after: start, "MESSAGE_ID=\(EventID.configurationRefused)")
        #expect(try await container.status().settings["ttl"]?.value == "4")
        #expect(try await Identity(of: container) == before)
      }
    }

    /// Every fourth is refused; what they change keeps or resizes the socket.
    private static let manyReloads = """
      for round in $(seq 1 100); do
        interval=$((200 + round))ms
        [ $((round % 4)) -ne 0 ] || interval=never
        printf 'interval=%s\\nttl=%d\\nreceive-buffer=%dMiB\\n[log]\\nrate=0\\n' \
          $interval $((round % 9 + 1)) $((round / 40 + 2)) >\(file)
        if systemctl reload mcastd 2>/dev/null; then echo accepted; else echo refused; fi
      done
      """

    @Test("100 reloads in a row under traffic: each verdict is right, and no datagram is lost")
    func many() async throws {
      try await running("[log]\nrate=0\n") { container, before in
        let count = 5000
        try await container.burst("many", rate: 500, count: count) {
          let verdicts = try await container.run("sh", "-c", Self.manyReloads, within: .seconds(60)).checked()
          #expect(verdicts.lines == (1...100).map { $0 % 4 == 0 ? "refused" : "accepted" })
        }
        try await container.settled()
        let burst = try await container.logged("many")
        #expect(burst.missing(of: count) == [])
        #expect(burst.repeated == [])
        #expect(try await container.status().kernelDropped == 0)
        #expect(try await Identity(of: container) == before)
      }
    }

    @Test("a change of the sources under traffic loses and repeats nothing")
    func sources() async throws {
      try await running("[log]\nrate=0\n") { container, before in
        let count = 4000
        try await container.burst("sources", rate: 2000, count: count) {
          for source in ["127.0.0.1", "any", "127.0.0.1", "127.0.0.1,127.0.0.2", "any"] {
            try await container.write("source=\(source)\n[log]\nrate=0\n", to: Self.file)
            try await container.systemctl("reload", "mcastd")
          }
        }
        try await container.settled()
        let burst = try await container.logged("sources")
        #expect(burst.missing(of: count) == [])
        #expect(burst.repeated == [])
        let after = try await Identity(of: container)
        #expect(after.process == before.process && after.state == before.state && after.sockets.count == 1)
      }
    }
  }
}
