// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// A journal that takes nothing for a while costs entries at most, never beats nor the count of entries.
  @Suite(.container)
  struct StallTests {
    private static let rate = 2000

    private static func settings(_ more: String = "") -> String {
      "WatchdogSec=2s\nEnvironment=MCASTD_LOG_RATE=0 \(BeatWatch.settings) \(more)"
    }

    /// A burst while `harm` is done; what came of it.
    private func stall(seconds: Int, _ harm: (Container) async throws -> Void) async throws -> Stall {
      let container = try Container.current
      let start = try await container.journalEnd()
      try await container.systemctl("start", "mcastd")
      let process = try await container.mainProcess()
      let count = Self.rate * seconds
      try await BeatWatch.watching(container) { beats in
        try await container.burst("stall", rate: Self.rate, count: count) { try await harm(container) }
        try await beats.expectNoneMissing()
      }
      // The journal had its time since: two beats are 1 to 2 s.
      let status = try await container.status()
      #expect(status.queued == 0)
      #expect(status.received == count && status.kernelDropped == 0)
      #expect(status.isBalanced)
      let state = try await container.properties("NRestarts", "MainPID")
      #expect(state == ["NRestarts": "0", "MainPID": process])
      let entries = try await container.loggedByProcess(after: start)
      let summaries = try await container.journal(after: start, "MESSAGE_ID=\(EventID.journalStalled)")
      return Stall(
        status: status, entries: entries[process] ?? 0,
        told: summaries.compactMap { $0["MCAST_SUMMARISED"].flatMap(Int.init) })
    }

    private struct Stall {
      let status: DaemonStatus
      let entries: Int
      /// What each summary says.
      let told: [Int]
    }

    /// The time is the harm that is done, and three times the watchdog's: nothing is awaited.
    private func hang(_ container: Container) async throws {
      try await container.systemctl("kill", "--signal=STOP", "systemd-journald")
      try await Task.sleep(for: .seconds(6))
      try await container.systemctl("kill", "--signal=CONT", "systemd-journald")
    }

    @Test("journald hangs for 6 s at 2000 datagrams a second: all of them wait in the queue")
    func waits() async throws {
      try await Container.current.withDropIn(Self.settings()) {
        let stall = try await stall(seconds: 6, hang)
        #expect(stall.status.summarised == 0 && stall.told == [])
        #expect(stall.status.logged == stall.entries)
      }
    }

    @Test("the same with a small queue: most are summarised, in one entry that has their number")
    func summarises() async throws {
      try await Container.current.withDropIn(Self.settings("MCASTD_LOG_QUEUE=256KiB")) {
        let stall = try await stall(seconds: 6, hang)
        #expect(stall.status.summarised > stall.status.received / 2)
        #expect(stall.told == [stall.status.summarised])
        #expect(stall.status.logged == stall.entries)
      }
    }

    @Test("a stop while journald hangs gets the time that it asks for, and is no failure")
    func stop() async throws {
      let container = try Container.current
      try await container.withDropIn(Self.settings()) {
        try await container.systemctl("start", "mcastd")
        try await container.systemctl("kill", "--signal=STOP", "systemd-journald")
        try await container.burst("stop", rate: Self.rate, count: Self.rate)
        // More than journald's socket has room for: it is waited for.
        #expect(try await container.status().queued > 0)
        try await container.systemctl("stop", "mcastd")
        #expect(try await container.properties("Result") == ["Result": "success"])
        try await container.systemctl("kill", "--signal=CONT", "systemd-journald")
      }
    }

    @Test("journald is killed and its socket gone for 3 s: all of them wait in the queue")
    func absent() async throws {
      let units = [
        "systemd-journald.socket", "systemd-journald-dev-log.socket", "systemd-journald-audit.socket",
        "systemd-journald.service",
      ]
      try await Container.current.withDropIn(Self.settings()) {
        let stall = try await stall(seconds: 4) { container in
          try await container.systemctl("kill", "--signal=KILL", "systemd-journald")
          try await ChildProcess.run(container.inside(["systemctl", "stop"] + units)).checked()
          // systemd closes it but leaves its file.
          try await container.run("rm", "/run/systemd/journal/socket").checked()
          // The harm itself, longer than the watchdog's 2 s.
          try await Task.sleep(for: .seconds(3))
          try await ChildProcess.run(container.inside(["systemctl", "start"] + units)).checked()
        }
        #expect(stall.status.summarised == 0 && stall.told == [])
        // What journald's socket held when systemd closed it is lost to everybody: net.unix.max_dgram_qlen
        // datagrams, and the one that journald was reading.
        let length = try #require(
          try await Container.current.run("sysctl", "-n", "net.unix.max_dgram_qlen").lines.first.flatMap {
            Int($0)
          })
        #expect((0...length + 2).contains(stall.status.logged - stall.entries))
      }
    }
  }
}
