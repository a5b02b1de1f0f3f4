// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// The receive socket waits in the descriptor store while there is no daemon.
  @Suite(.container)
  struct RestartTests {
    private static let count = 8000

    /// 1000 datagrams a second for 8 s, while `body` does harm.
    private func traffic(_ name: String, _ body: (Container) async throws -> Void) async throws -> LoggedBurst
    {
      let container = try Container.current
      try await container.systemctl("start", "mcastd")
      try await container.burst(name, rate: 1000, count: Self.count) { try await body(container) }
      try await container.settled()
      return try await container.logged(name)
    }

    /// Waits until this datagram of a burst is in the journal: the harm that follows is done amid the
    /// traffic.
    private static func logged(_ number: Int, of name: String, _ container: Container) async throws {
      try await container.entries(1, "MCAST_PAYLOAD=burst \(name) \(number)")
    }

    @Test("two restarts and one of journald at 1000 datagrams a second: each is in the journal exactly once")
    func restarts() async throws {
      let container = try Container.current
      try await container.withDropIn("Environment=MCASTD_LOG_RATE=0") {
        let start = try await container.journalEnd()
        let burst = try await traffic("restarts") { container in
          try await Self.logged(1000, of: "restarts", container)
          try await container.systemctl("restart", "mcastd")
          try await Self.logged(2000, of: "restarts", container)
          try await container.systemctl("restart", "systemd-journald")
          try await Self.logged(3500, of: "restarts", container)
          try await container.systemctl("restart", "mcastd")
        }
        #expect(burst.missing(of: Self.count) == [])
        #expect(burst.repeated == [])

        // What each process counted as logged is what the journal has from it.
        try await container.systemctl("stop", "mcastd")
        let entries = try await container.loggedByProcess(after: start)
        let ends = try await container.journal(after: start, "MESSAGE_ID=\(EventID.stopping)")
        #expect(ends.count == 3)
        for end in ends {
          let ledger = try #require(StoppingLedger(end))
          #expect(ledger.logged == entries[end["_PID"] ?? ""])
          #expect(ledger.received == ledger.logged && ledger.queued == 0)
        }
      }
    }

    @Test("a SIGKILL among them costs at most the batch that was being read, and repeats nothing")
    func killed() async throws {
      let container = try Container.current
      try await container.withDropIn("Environment=MCASTD_LOG_RATE=0") {
        let burst = try await traffic("killed") { container in
          try await Self.logged(1000, of: "killed", container)
          try await container.systemctl("restart", "mcastd")
          try await Self.logged(2000, of: "killed", container)
          try await container.systemctl("kill", "--kill-whom=main", "--signal=KILL", "mcastd")
          try await container.property("NRestarts") { $0 == "1" }
          try await container.property("ActiveState") { $0 == "active" }
          try await container.systemctl("restart", "systemd-journald")
          try await Self.logged(5000, of: "killed", container)
          try await container.systemctl("restart", "mcastd")
        }
        #expect(burst.missing(of: Self.count).count <= 64)
        #expect(burst.repeated == [])
      }
    }

    @Test("an unchanged configuration takes the socket up again, and the store holds that one")
    func kept() async throws {
      let container = try Container.current
      try await container.systemctl("start", "mcastd")
      let before = try await container.receiveSockets()
      #expect(before.count == 1)
      try await container.systemctl("restart", "mcastd")
      #expect(try await container.receiveSockets() == before)
      #expect(try await container.properties("NFileDescriptorStore") == ["NFileDescriptorStore": "1"])
    }

    @Test(
      "a changed one does not: the old socket is gone, and the store holds one",
      arguments: [
        "MCASTD_GROUP=239.7.7.7", "MCASTD_PORT=7007", "MCASTD_INTERFACE=wire0", "MCASTD_RECEIVE_BUFFER=1MiB",
      ])
    func changed(setting: String) async throws {
      let container = try Container.current
      // Already there when the daemon starts, so that nothing but the setting changes.
      try await container.run("ip", "link", "add", "wire0", "type", "veth", "peer", "name", "wire1").checked()
      try await container.run("ip", "address", "add", "10.99.0.1/24", "dev", "wire0").checked()
      try await container.run("ip", "link", "set", "wire0", "up").checked()
      try await container.run("ip", "link", "set", "wire1", "up").checked()
      let port = setting.hasPrefix("MCASTD_PORT=") ? 7007 : 5001
      let path = "/etc/systemd/system/mcastd.service.d/test.conf"
      try await container.withDropIn("Environment=MCASTD_INTERFACE=lo") {
        try await container.systemctl("start", "mcastd")
        let before = try await container.receiveSockets()
        try await container.write("[Service]\nEnvironment=MCASTD_INTERFACE=lo \(setting)\n", to: path)
        try await container.systemctl("daemon-reload")
        try await container.systemctl("restart", "mcastd")
        let after = try await container.receiveSockets(port: port)
        #expect(before.count == 1 && after.count == 1 && before != after)
        if port != 5001 { #expect(try await container.receiveSockets() == []) }
        #expect(try await container.properties("NFileDescriptorStore") == ["NFileDescriptorStore": "1"])
        let membership = try #require(try await container.status().memberships.first)
        #expect(membership.group == (setting.hasPrefix("MCASTD_GROUP") ? "239.7.7.7" : "239.1.1.1"))
        #expect(membership.interface == (setting.hasPrefix("MCASTD_INTERFACE") ? "wire0" : "lo"))
      }
      try await container.run("ip", "link", "delete", "wire0").checked()
    }

    @Test("a stop gives the socket back")
    func released() async throws {
      let container = try Container.current
      try await container.systemctl("start", "mcastd")
      try await container.systemctl("stop", "mcastd")
      #expect(try await container.receiveSockets() == [])
    }
  }
}
