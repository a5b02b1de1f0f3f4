// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// How much a site of many hosts leaves in the journal.
  @Suite(.container)
  struct JournalVolumeTests {
    private static let unit = "_SYSTEMD_UNIT=mcastd.service"

    /// - Returns: the names in a folder of peers' files.
    private func peers(_ folder: String, _ container: Container) -> [String] {
      entries(of: "\(container.root)/run/mcastd/peers/\(folder)")
    }

    private func received(_ count: Int, _ container: Container) async throws -> DaemonStatus {
      try await eventually("\(count) received", within: .seconds(30)) {
        let status = try await container.status()
        return status.received >= count ? status : nil
      }
    }

    @Test(
      "100 peers at 1 Hz: a handful of entries besides their heartbeats', and with log.heartbeats=no in all")
    func hundred() async throws {
      let container = try Container.current
      let configuration = "/etc/mcastd/mcastd.conf"
      func set(_ heartbeats: String) async throws -> UInt64 {
        try await container.write("[log]\nheartbeats=\(heartbeats)\n", to: configuration)
        try await container.systemctl("reload", "mcastd")
        return try await container.journalEnd()
      }
      try await container.withDropIn("Environment=MCASTD_INTERFACE=lo") {
        let start = try await container.journalEnd()
        try await container.systemctl("start", "mcastd")
        try await container.peer("beats", "--senders", "100") { _ in
          _ = try await received(800, container)
          try await container.syncJournal()
          let all = try await container.journal(after: start, Self.unit)
          let heartbeats = all.count { $0["MESSAGE_ID"] == EventID.received }
          #expect(heartbeats >= 700 && all.count - heartbeats <= 20)
          let discovered = all.filter { $0["MESSAGE_ID"] == EventID.peerDiscovered }
          let count = discovered.reduce(0) { $0 + (Int($1["MCAST_COUNT"] ?? "1") ?? 0) }
          #expect(count == 100)

          // Nothing of 100 peers, and all of what is no heartbeat.
          let before = try await set("no")
          let since = try await container.status().received
          let status = try await received(since + 500, container)
          #expect(status.isBalanced && status.summarised >= 500)
          try await container.burst("plain", rate: 10, count: 5)
          #expect(try await container.logged("plain").missing(of: 5) == [])
          #expect(try await container.journal(after: before, Self.unit).count <= 20)

          let own = try await set("own")
          try await container.entries(3, after: own, "MCAST_KIND=heartbeat")
          let sources = Set(
            try await container.journal(after: own, "MCAST_KIND=heartbeat").map { $0["MCAST_SOURCE"] })
          #expect(sources == ["127.0.0.1"])
        }
        try await container.systemctl("stop", "mcastd")
        let stopping = try #require(
          try await container.journal(after: start, "MESSAGE_ID=\(EventID.stopping)").last)
        let ledger = try #require(StoppingLedger(stopping))
        #expect(ledger.received == ledger.logged + ledger.summarised && ledger.queued == 0)
        #expect(try await container.loggedByProcess(after: start).values.reduce(0, +) == ledger.logged)
        try await container.run("rm", configuration).checked()
      }
    }

    @Test("61 of 63 peers stop at once, and are back at once: one entry each, that names them")
    func together() async throws {
      let container = try Container.current
      try await container.withDropIn("Environment=MCASTD_INTERFACE=lo MCASTD_LOG_HEARTBEATS=no") {
        let start = try await container.journalEnd()
        try await container.systemctl("start", "mcastd")
        try await container.peer("beats", "--senders", "2", "--first", "127.0.1.5") { _ in
          try await container.peer("beats", "--senders", "61") { _ in
            _ = try await received(63 * 5, container)
            #expect(peers("alive", container).count == 63)
          }
          try await eventually("61 peers are silent", within: .seconds(10)) {
            peers("silent", container).count == 61 ? true : nil
          }
          try await container.peer("beats", "--senders", "61") { _ in
            try await eventually("all are back", within: .seconds(10)) {
              peers("alive", container).count == 63 ? true : nil
            }
            _ = try await received(try await container.status().received + 63 * 4, container)
          }
        }
        try await container.systemctl("stop", "mcastd")
        for id in [EventID.peerSilent, EventID.peerBack] {
          let told = try await container.journal(after: start, "MESSAGE_ID=\(id)")
          #expect(told.map { $0["MCAST_COUNT"] } == ["61"], "\(told)")
          let named = told.first?["MCAST_PEERS"]?.split(separator: ",") ?? []
          #expect(Set(named.map(String.init)) == Set((5..<66).map { "127.0.0.\($0)" }))
        }
      }
    }
  }
}
