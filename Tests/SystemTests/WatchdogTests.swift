// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// What hangs is noticed, and only that.
  @Suite(.container)
  struct WatchdogTests {
    @Test("a daemon that hangs is restarted, and beats again")
    func hangingDaemon() async throws {
      let container = try Container.current
      try await container.withDropIn("WatchdogSec=2s") {
        try await container.systemctl("start", "mcastd")
        let before = try await container.properties("MainPID")["MainPID"]
        let start = try await container.journalEnd()
        try await container.systemctl("kill", "--kill-whom=main", "--signal=STOP", "mcastd")
        try await container.property("NRestarts", within: .seconds(20)) { $0 == "1" }
        try await container.property("ActiveState", within: .seconds(20)) { $0 == "active" }
        #expect(try await container.properties("MainPID")["MainPID"] != before)
        try await container.entries(1, after: start, "--unit=mcastd", "MCAST_KIND=heartbeat")
        #expect(
          try await container.journal(after: start, "--unit=mcastd").contains {
            $0.message.contains("Watchdog timeout")
          })
      }
    }

    @Test("a short watchdog is fed with nothing to receive, a slow beat, or nothing to send")
    func quietLoops() async throws {
      let container = try Container.current
      for quiet in ["MCASTD_INTERVAL=1h", "MCASTD_PUBLISH_ENABLED=no", "MCASTD_SUBSCRIBE_ENABLED=no"] {
        try await container.withDropIn("WatchdogSec=1s\nEnvironment=\(quiet)") {
          try await container.systemctl("start", "mcastd")
          let start = try await container.properties("WatchdogTimestampMonotonic")
          // Pings go on: three of them at least, over more than the limit.
          var seen = Set(start.values)
          try await eventually("pings with \(quiet)", within: .seconds(20)) {
            seen.formUnion(try await container.properties("WatchdogTimestampMonotonic").values)
            return seen.count > 4 ? true : nil
          }
          #expect(try await container.properties("NRestarts") == ["NRestarts": "0"])
        }
      }
    }

    @Test("while journald hangs for 5 s beats go on, nothing restarts, and what is not logged is counted")
    func hangingJournal() async throws {
      let container = try Container.current
      let settings = "WatchdogSec=2s\nEnvironment=MCASTD_LOG_QUEUE=64KiB MCASTD_LOG_RATE=0"
      try await container.withDropIn(settings) {
        try await container.systemctl("start", "mcastd")
        let invocation = try await container.properties("InvocationID")["InvocationID"] ?? ""
        let ours = "_SYSTEMD_INVOCATION_ID=\(invocation)"
        let journald = try await container.properties(of: "systemd-journald", "MainPID")["MainPID"] ?? ""

        try await container.peer("receiver", "--share", "--interface", "127.0.0.1") { receiver in
          try await receiver.line { $0.contains("ATU ") }
          try await container.run("kill", "-STOP", journald).checked()
          // Five seconds, far more than the queue holds.
          let burst = try await container.peer("burst", "--rate", "500", "--count", "2500")
          try await container.run("kill", "-CONT", journald).checked()
          #expect(burst.succeeded)
          try await receiver.lines(receiver.lines.count + 2)
          let beats = receiver.lines.filter { $0.contains("ATU ") }
            .compactMap { $0.split(separator: " ").first.flatMap { Double($0) } }
          #expect(beats.count >= 6)
          // A second apart: none was left out.
          for (before, after) in zip(beats, beats.dropFirst()) {
            #expect(after - before < 1.9, "seconds between two beats")
          }
        }

        let stall = try await container.entries(1, ours, "MESSAGE_ID=\(EventID.journalStalled)")
        #expect(stall.allSatisfy { $0["PRIORITY"] == "4" })
        #expect(
          try await container.properties("NRestarts", "InvocationID")
            == ["NRestarts": "0", "InvocationID": invocation])
        #expect(try await container.properties(of: "systemd-journald", "MainPID")["MainPID"] == journald)

        // Everything that was sent is in the journal or in a number.
        try await container.systemctl("stop", "mcastd")
        try await container.syncJournal()
        let stopping = try #require(try await container.journal(ours, "MESSAGE_ID=\(EventID.stopping)").first)
        let ledger = try #require(StoppingLedger(stopping))
        let entries = try await container.journal(ours, "MESSAGE_ID=\(EventID.received)")
        #expect(ledger.logged == entries.count)
        #expect(ledger.received == ledger.logged + ledger.summarised)
        #expect(ledger.received >= 2500)
        #expect(ledger.summarised > 0)
        let told = try await container.journal(ours, "MESSAGE_ID=\(EventID.journalStalled)")
          .compactMap { $0["MCAST_SUMMARISED"].flatMap(Int.init) }.reduce(0, +)
        #expect(told == ledger.summarised)
      }
    }
  }
}
