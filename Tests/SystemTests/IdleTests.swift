// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// What the daemon costs where nothing happens but its beats.
  @Suite(.container)
  struct IdleTests {
    @Test("it takes at most 18 MB of memory, of which 3 MB are its own")
    func memory() async throws {
      let container = try Container.current
      try await container.systemctl("restart", "mcastd")
      let start = try await container.journalEnd()
      try await container.entries(3, after: start, "MCAST_KIND=heartbeat")
      let process = try await container.mainProcess()
      // MB as top(1) counts them.
      #expect(try await container.memory(of: process, "VmRSS") <= 18 << 20)
      #expect(try await container.memory(of: process, "RssAnon") <= 3 << 20)
    }
  }
}
