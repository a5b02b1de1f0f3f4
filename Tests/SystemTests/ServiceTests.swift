// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// The daemon as systemd starts, shows and stops it.
  @Suite(.container)
  struct ServiceTests {
    /// Every field that the design promises for a received datagram.
    private static let fields: Set<String> = [
      "MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "MESSAGE_ID", "MCAST_KIND", "MCAST_GROUP", "MCAST_PORT",
      "MCAST_INTERFACE", "MCAST_SOURCE", "MCAST_SOURCE_PORT", "MCAST_SIZE", "MCAST_PAYLOAD",
      "MCAST_RECEIVED_USEC",
    ]

    @Test("start returns when it is ready, and the first beat is in the journal")
    func start() async throws {
      let container = try Container.current
      let start = try await container.journalEnd()
      try await container.systemctl("start", "mcastd")
      let state = try await container.properties("ActiveState", "SubState", "StatusText")
      #expect(state["ActiveState"] == "active")
      #expect(state["SubState"] == "running")
      #expect(state["StatusText"]?.isEmpty == false)
      try await container.entries(1, after: start, "--unit=mcastd", "MCAST_KIND=heartbeat")
    }

    @Test("a beat each second, with every field")
    func heartbeats() async throws {
      let container = try Container.current
      try await container.systemctl("start", "mcastd")
      let start = try await container.journalEnd()
      let beats = try await container.entries(
        4, after: start, "--unit=mcastd", "MCAST_KIND=heartbeat", within: .seconds(20))
      for beat in beats {
        #expect(beat.names.isSuperset(of: Self.fields), "\(Self.fields.subtracting(beat.names)) are missing")
        #expect(beat["PRIORITY"] == "6")
        #expect(beat["SYSLOG_IDENTIFIER"] == "mcastd")
        #expect(beat["MCAST_GROUP"] == "239.1.1.1")
        #expect(beat["MCAST_PORT"] == "5001")
        #expect(beat["MCAST_INTERFACE"] == "lo")
        #expect(beat["MCAST_SOURCE"] == "127.0.0.1")
        #expect(beat["MCAST_SIZE"] == "30")
        let source = try #require(beat["MCAST_SOURCE_PORT"])
        let payload = try #require(beat["MCAST_PAYLOAD"])
        #expect(payload.wholeMatch(of: /ATU \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}/) != nil)
        #expect(beat.message == "received 30 bytes from 127.0.0.1:\(source) on lo: \(payload)")
      }
      let times = beats.compactMap { $0["MCAST_RECEIVED_USEC"].flatMap(Int.init) }
      #expect(times.count == beats.count)
      for (before, after) in zip(times, times.dropFirst()) {
        // By the daemon's stamps; half a second is the machine's.
        #expect((500_000...1_500_000).contains(after - before), "µs between two beats: \(after - before)")
      }
    }

    @Test("systemctl status shows what is received where")
    func status() async throws {
      let container = try Container.current
      try await container.systemctl("start", "mcastd")
      // Its counters follow every 10 s.
      try await container.property("StatusText", within: .seconds(30)) {
        $0.hasPrefix("239.1.1.1:5001 on lo") && $0.firstMatch(of: /[1-9]\d* received/) != nil
      }
      let status = try await container.run("systemctl", "status", "mcastd")
      #expect(status.lines.contains { $0.contains("Status: ") && $0.contains("239.1.1.1:5001 on lo") })
    }

    @Test("stop is clean, long before systemd would kill it, with the ledger in the journal")
    func stop() async throws {
      let container = try Container.current
      try await container.systemctl("start", "mcastd")
      let start = try await container.journalEnd()
      try await container.entries(1, after: start, "MCAST_KIND=heartbeat")
      try await container.systemctl("stop", "mcastd")
      let state = try await container.properties("Result", "ExecMainStatus", "NRestarts")
      #expect(state == ["Result": "success", "ExecMainStatus": "0", "NRestarts": "0"])
      // By systemd's clock.
      let times = try await container.properties(
        "ActiveExitTimestampMonotonic", "InactiveEnterTimestampMonotonic")
      let exit = try #require(times["ActiveExitTimestampMonotonic"].flatMap(Int.init))
      let end = try #require(times["InactiveEnterTimestampMonotonic"].flatMap(Int.init))
      #expect((0..<5_000_000).contains(end - exit), "µs")
      let entry = try #require(
        try await container.entries(
          1, after: start, "MESSAGE_ID=\(EventID.stopping)"
        ).first)
      #expect(entry["PRIORITY"] == "5")
      let ledger = try #require(StoppingLedger(entry))
      #expect(ledger.received == ledger.logged + ledger.summarised)
      #expect(ledger.received > 0)
      #expect(ledger.queued == 0)
    }

    @Test("a failing send is said once when it begins and once when it ends, with the count")
    func failingSend() async throws {
      let container = try Container.current
      try await container.systemctl("start", "mcastd")
      let start = try await container.journalEnd()
      let rules = """
        table ip wall {
          chain out { type filter hook output priority 0; ip daddr 239.1.1.1 counter drop; }
        }
        """
      try await container.run("nft", "-f", "-", input: Array(rules.utf8)).checked()
      try await container.entries(1, after: start, "MESSAGE_ID=\(EventID.sendFailing)")
      // The schedule goes on: the wall sees further beats.
      try await eventually("three beats refused") {
        let table = try await container.run("nft", "list", "table", "ip", "wall").checked().text
        return table.firstMatch(of: /packets ([3-9])/)
      }
      try await container.run("nft", "delete", "table", "ip", "wall").checked()
      let recovered = try await container.entries(1, after: start, "MESSAGE_ID=\(EventID.sendRecovered)")
      let failed = try #require(recovered.first?["MCAST_FAILED"].flatMap(Int.init))
      #expect((3...4).contains(failed))
      try await container.entries(1, after: start, "MCAST_KIND=heartbeat")
      #expect(try await container.journal(after: start, "MESSAGE_ID=\(EventID.sendFailing)").count == 1)
      #expect(try await container.journal(after: start, "MESSAGE_ID=\(EventID.sendRecovered)").count == 1)
      #expect(try await container.properties("NRestarts") == ["NRestarts": "0"])
    }
  }
}
