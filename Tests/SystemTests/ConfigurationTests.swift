// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// The environment that drop-ins give.
  @Suite(.container)
  struct ConfigurationTests {
    @Test("a drop-in's group and port are in effect after a restart")
    func dropIn() async throws {
      let container = try Container.current
      let start = try await container.journalEnd()
      try await container.withDropIn("Environment=MCASTD_GROUP=239.7.7.7 MCASTD_PORT=7007") {
        try await container.systemctl("restart", "mcastd")
        let beats = try await container.entries(
          2, after: start, "--unit=mcastd", "MCAST_KIND=heartbeat")
        for beat in beats {
          #expect(beat["MCAST_GROUP"] == "239.7.7.7")
          #expect(beat["MCAST_PORT"] == "7007")
        }
        try await container.property("StatusText") { $0.hasPrefix("239.7.7.7:7007 on lo") }
        // What the kernel says, in its hexadecimal.
        let joined = try await container.run("cat", "/proc/net/igmp")
        #expect(joined.text.contains("070707EF"))
      }
    }

    @Test("our own drop-in example does what it says")
    func example() async throws {
      let container = try Container.current
      let example = lines(of: Repository.path("/systemd/examples/group-and-port.conf"))
      let settings = example.filter { $0.hasPrefix("Environment=") }.joined(separator: "\n")
      let start = try await container.journalEnd()
      try await container.withDropIn(settings) {
        try await container.systemctl("start", "mcastd")
        try await container.entries(1, after: start, "MCAST_GROUP=239.7.7.7", "MCAST_PORT=7007")
      }
    }

    @Test("a port that cannot be ends in 78, one entry that says why, and no restart")
    func invalidPort() async throws {
      let container = try Container.current
      let start = try await container.journalEnd()
      try await container.withDropIn("Environment=MCASTD_PORT=70000") {
        let refused = try await container.run("systemctl", "start", "mcastd")
        #expect(!refused.succeeded)
        // A restart that is due shows as `activating (auto-restart)`.
        try await container.property("ActiveState") { $0 == "failed" }
        let state = try await container.properties("ExecMainStatus", "NRestarts", "SubState")
        #expect(state == ["ExecMainStatus": "78", "NRestarts": "0", "SubState": "failed"])
        try await container.syncJournal()
        let entries = try await container.journal(after: start, "SYSLOG_IDENTIFIER=mcastd")
        #expect(entries.count == 1, "\(entries)")
        let entry = try #require(entries.first)
        #expect(entry["PRIORITY"] == "3")
        #expect(entry.message.contains("MCASTD_PORT=70000"))
        #expect(entry.message.contains("1–65535"))
      }
    }

    @Test("the file gives way to the environment, and a drop-in file to neither")
    func file() async throws {
      let container = try Container.current
      try await container.write("group=239.2.2.2\nport=6001\nttl=3\n", to: "/etc/mcastd/mcastd.conf")
      try await container.write("port=6002\n", to: "/etc/mcastd/mcastd.conf.d/50-port.conf")
      let output = try await container.run("mcastd", "check", environment: ["MCASTD_TTL": "4"])
      try await container.run("rm", "-r", "/etc/mcastd").checked()
      #expect(output.succeeded, "\(output)")
      let line = { (key: String) in output.lines.first { $0.hasPrefix(key) } ?? "" }
      #expect(line("group").contains("239.2.2.2") && line("group").contains("/etc/mcastd/mcastd.conf"))
      #expect(line("port").contains("6002") && line("port").contains("50-port.conf"))
      #expect(line("ttl").contains("4") && line("ttl").contains("MCASTD_TTL"))
    }
  }
}
