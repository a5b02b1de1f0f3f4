// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// More than there is room for.
  @Suite(.container)
  struct FloodTests {
    @Test(
      "a flood takes away no beat, starves neither watchdog nor status, and is counted to the last datagram")
    func flood() async throws {
      let container = try Container.current
      try await container.withDropIn("WatchdogSec=2s\nEnvironment=\(BeatWatch.settings)") {
        let start = try await container.journalEnd()
        try await container.systemctl("start", "mcastd")
        let process = try await container.mainProcess()
        let count = 400_000
        try await BeatWatch.watching(container) { beats in
          // As fast as one sender can.
          try await container.burst("flood", rate: 1_000_000, count: count) {
            for _ in 0..<5 {
              // Or it throws: who waits for an answer waits for 10 s.
              let status = try await container.status()
              #expect(status.isBalanced)
            }
            // The queue of 32 MiB may fill; nothing else grows.
            #expect(try await container.memory(of: process, "VmRSS") < 64 << 20)
          }
          try await beats.expectNoneMissing()
        }
        let status = try await container.settled()
        #expect(status.received + status.kernelDropped == count)
        #expect(status.isBalanced)
        #expect(status.summarised > count / 2)
        let state = try await container.properties("NRestarts", "MainPID")
        #expect(state == ["NRestarts": "0", "MainPID": process])

        try await container.systemctl("stop", "mcastd")
        let entries = try await container.loggedByProcess(after: start)
        #expect(entries[process] == status.logged)
        let told = try await container.journal(after: start, "MESSAGE_ID=\(EventID.summarised)")
        #expect(
          told.compactMap { $0["MCAST_SUMMARISED"].flatMap(Int.init) }.reduce(0, +) == status.summarised)
      }
    }

    @Test("what a small receive buffer could not hold is counted: sent − received")
    func smallBuffer() async throws {
      let container = try Container.current
      try await container.withDropIn(Self.small) {
        let start = try await container.journalEnd()
        try await container.systemctl("start", "mcastd")
        for round in 1...2 {
          try await container.systemctl("kill", "--kill-whom=main", "--signal=STOP", "mcastd")
          try await container.burst("small", rate: 100_000, count: 1000)
          try await container.systemctl("kill", "--kill-whom=main", "--signal=CONT", "mcastd")
          let status = try await container.settled()
          #expect(status.received > 0 && status.kernelDropped > 0)
          #expect(status.received + status.kernelDropped == 1000 * round)
        }
        let status = try await container.status()
        // What no entry has told of yet is told at the end.
        try await container.systemctl("stop", "mcastd")
        let told = try await container.journal(after: start, "MESSAGE_ID=\(EventID.kernelDrops)")
        let dropped = told.compactMap { $0["MCAST_DROPPED"].flatMap(Int.init) }.reduce(0, +)
        #expect(status.kernelDropped == dropped && (1...2).contains(told.count))
      }
    }

    @Test("drops while there was no daemon are its heir's, and are counted once")
    func inherited() async throws {
      let container = try Container.current
      try await container.withDropIn(Self.small) {
        try await container.systemctl("start", "mcastd")
        try await container.systemctl("kill", "--kill-whom=main", "--signal=STOP", "mcastd")
        try await container.burst("inherited", rate: 100_000, count: 1000)
        try await container.systemctl("kill", "--kill-whom=main", "--signal=KILL", "mcastd")
        try await container.property("NRestarts") { $0 == "1" }
        try await container.property("ActiveState") { $0 == "active" }
        let heir = try await container.settled()
        #expect(heir.kernelDropped > 0)
        #expect(heir.received + heir.kernelDropped == 1000)
        try await container.systemctl("restart", "mcastd")
        let next = try await container.status()
        #expect(next.received == 0 && next.kernelDropped == 0)
      }
    }

    /// Nothing but the test's datagrams, into a buffer for a few of them.
    private static let small = """
      WatchdogSec=0
      Environment=MCASTD_RECEIVE_BUFFER=8KiB MCASTD_PUBLISH_ENABLED=no MCASTD_LOG_RATE=0
      """
  }
}
