// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// The examples that let systemd act on what mcastd knows of peers.
  @Suite(.container)
  struct PeerPathTests {
    /// As promised to operators, once more.
    private static let peerSilent = "MESSAGE_ID=cabb2ea43a744350a4a4e3d6497ed3dc"
    private static let peerBack = "MESSAGE_ID=18e7fcceb66f47519e71819161722080"

    private static let examples = [
      "mcastd-peer-silent@.path", "mcastd-peer-silent@.service", "mcastd-peer-back@.path",
      "mcastd-peer-back@.service", "mcastd-any-peer-silent.path", "mcastd-any-peer-silent.service",
      "mcastd-no-peer-silent.path", "mcastd-no-peer-silent.service",
    ]
    /// Active while the peer is silent.
    private static let services = ["mcastd-peer-silent@127.0.0.5.service", "mcastd-any-peer-silent.service"]

    /// The beats of 127.0.0.5 while `body` runs.
    private static func withPeer(_ container: Container, _ body: () async throws -> Void) async throws {
      try await container.actor("beats", "--first", "127.0.0.5", "--interval", "0.2") { _ in try await body()
      }
    }

    private static func install(in container: Container) async throws {
      for example in examples {
        try await container.put(
          Repository.path("/systemd/examples/\(example)"), at: "/etc/systemd/system/\(example)")
      }
      try await container.systemctl("daemon-reload")
      try await container.systemctl(
        "enable", "--now", "mcastd-peer-silent@127.0.0.5.path", "mcastd-peer-back@127.0.0.5.path",
        "mcastd-any-peer-silent.path", "mcastd-no-peer-silent.path")
    }

    /// Waits until both services are so, and expects it within a second of the event.
    private static func expect(
      _ state: String, since field: String, after event: JournalEntry, in container: Container
    ) async throws {
      let told = try #require(event["_SOURCE_REALTIME_TIMESTAMP"].flatMap(Int.init))
      for service in services {
        try await container.property("ActiveState", of: service) { $0 == state }
        let text = try await container.properties(of: service, field)[field] ?? ""
        let seconds = try await container.run("date", "--date", text, "+%s").checked().text
        let since = try #require(Int(seconds.filter(\.isNumber)))
        // systemctl shows whole seconds.
        #expect(since - told / 1_000_000 <= 1, "\(service): \(text)")
      }
    }

    @Test("a service runs while a peer is silent, and a restart of the daemon in between changes nothing")
    func silence() async throws {
      let container = try Container.current
      try await Self.install(in: container)
      try await container.systemctl("start", "mcastd")
      let start = try await container.journalEnd()
      try await Self.withPeer(container) {
        try await container.property("ActiveState", of: "mcastd-peer-back@127.0.0.5.service") {
          $0 == "active"
        }
        // Until its pace is known.
        try await container.entries(12, after: start, "MCAST_SOURCE=127.0.0.5")
        for service in Self.services {
          #expect(try await container.properties(of: service, "ActiveState") == ["ActiveState": "inactive"])
        }
      }
      let silent = try #require(try await container.entries(1, after: start, Self.peerSilent).first)
      #expect(silent["PRIORITY"] == "4" && silent["MCAST_PEER"] == "127.0.0.5")
      #expect(silent["MCAST_PEER_STATE"] == "silent")
      try await Self.expect("active", since: "ActiveEnterTimestamp", after: silent, in: container)

      let file = "/run/mcastd/peers/silent/127.0.0.5"
      #expect(try await container.run("stat", "--format=%a %U", file).checked().lines == ["644 mcastd"])
      let facts = try await container.run("setpriv", "--reuid=65534", "--clear-groups", "cat", file).checked()
        .lines
      #expect(facts.contains("address=127.0.0.5") && facts.contains("state=silent"), "\(facts)")

      let before = try await container.journalEnd()
      let invocations = try await Self.invocations(container)
      try await container.systemctl("restart", "mcastd")
      try await container.entries(3, after: before, "MCAST_KIND=heartbeat")
      #expect(try await Self.invocations(container) == invocations)
      #expect(try await container.journal(after: before, Self.peerSilent).isEmpty)
      #expect(try await container.journal(after: before, "SYSLOG_IDENTIFIER=mcastd-example").isEmpty)

      try await Self.withPeer(container) {
        let back = try #require(try await container.entries(1, after: before, Self.peerBack).first)
        try await Self.expect("inactive", since: "InactiveEnterTimestamp", after: back, in: container)
        let said = try await container.journal("SYSLOG_IDENTIFIER=mcastd-example").map(\.message)
        #expect(
          said.sorted() == [
            "127.0.0.5 fell silent", "127.0.0.5 is back", "a peer fell silent", "all peers are back",
          ])
        // And while it is heard a restart accuses nobody, and greets nobody.
        let again = try await container.journalEnd()
        try await container.systemctl("restart", "mcastd")
        try await container.entries(12, after: again, "MCAST_SOURCE=127.0.0.5")
        let told = try await container.journal(after: again).filter { $0["MCAST_PEER"] != nil }
        #expect(told.isEmpty, "\(told)")
        for service in Self.services {
          #expect(try await container.properties(of: service, "ActiveState") == ["ActiveState": "inactive"])
        }
      }
    }

    private static func invocations(_ container: Container) async throws -> [String] {
      var invocations: [String] = []
      for service in services {
        let properties = try await container.properties(of: service, "InvocationID", "ActiveState")
        invocations.append("\(properties["InvocationID"] ?? "") \(properties["ActiveState"] ?? "")")
      }
      return invocations
    }
  }
}
