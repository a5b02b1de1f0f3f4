// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// The examples that let systemd act on what mcastd knows of peers.
  @Suite(.container)
  struct PeerPathTests {
    private static let peerSilent = "MESSAGE_ID=\(EventID.peerSilent)"
    private static let peerBack = "MESSAGE_ID=\(EventID.peerBack)"
    private static let interfaceLost = "MESSAGE_ID=\(EventID.interfaceLost)"

    /// Of each a path and a service.
    private static let examples = [
      "mcastd-peer-silent@", "mcastd-peer-not-alive@", "mcastd-peer-back@", "mcastd-any-peer-silent",
      "mcastd-no-peer-silent", "mcastd-any-peer-not-alive", "mcastd-all-peers-alive",
    ]
    /// Active while the peer is silent.
    private static func silentServices(_ peer: String) -> [String] {
      ["mcastd-peer-silent@\(peer).service", "mcastd-any-peer-silent.service"]
    }
    /// Active while it is silent or unknown.
    private static func notAliveServices(_ peer: String) -> [String] {
      ["mcastd-peer-not-alive@\(peer).service", "mcastd-any-peer-not-alive.service"]
    }
    private static let services = silentServices("127.0.0.5") + notAliveServices("127.0.0.5")

    /// The beats of 127.0.0.5 while `body` runs.
    private static func withPeer(_ container: Container, _ body: () async throws -> Void) async throws {
      try await container.peer("beats", "--first", "127.0.0.5", "--interval", "0.2") { _ in try await body()
      }
    }

    private static func install(in container: Container, peer: String) async throws {
      for example in examples {
        for file in ["\(example).path", "\(example).service"] {
          try await container.put(
            Repository.path("/systemd/examples/\(file)"), at: "/etc/systemd/system/\(file)")
        }
      }
      try await container.systemctl("daemon-reload")
      for example in examples {
        let path = example.hasSuffix("@") ? "\(example)\(peer).path" : "\(example).path"
        try await container.systemctl("enable", "--now", path)
      }
    }

    /// Waits until the services are so, and expects that they are since the event.
    private static func expect(
      _ state: String, since field: String, after event: JournalEntry, in container: Container
    ) async throws {
      let told = try #require(event["_SOURCE_REALTIME_TIMESTAMP"].flatMap(Int.init))
      for service in services {
        try await container.property("ActiveState", of: service) { $0 == state }
        let text = try await container.properties(of: service, field)[field] ?? ""
        let seconds = try await container.run("date", "--date", text, "+%s").checked().text
        let since = try #require(Int(seconds.filter(\.isNumber)))
        // systemctl shows whole seconds, and the files may be there before the entry.
        #expect(since - told / 1_000_000 >= -1, "\(service): \(text)")
      }
    }

    @Test(
      "the instance of a peer whose name has a hyphen is its escaped name",
      arguments: ["silent", "not-alive", "back"]
    )
    func hyphen(example: String) async throws {
      let container = try Container.current
      let template = "mcastd-peer-\(example)@.path"
      try await container.put(
        Repository.path("/systemd/examples/\(template)"), at: "/etc/systemd/system/\(template)")
      try await container.systemctl("daemon-reload")
      let unit = try await container.run("systemd-escape", "--template=\(template)", "rack-1").checked().lines
      let paths = try await container.properties(of: try #require(unit.first), "Paths")["Paths"]
      #expect(try #require(paths).contains("/rack-1"), "\(paths ?? "")")
    }

    @Test("a service runs while a peer is silent, and a restart of the daemon in between changes nothing")
    func silence() async throws {
      let container = try Container.current
      try await Self.install(in: container, peer: "127.0.0.5")
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
            "127.0.0.5 fell silent", "127.0.0.5 is back", "127.0.0.5 is known to be alive",
            "127.0.0.5 is not known to be alive", "a peer fell silent", "a peer is not known to be alive",
            "all peers are back", "all peers are known to be alive",
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

    @Test(
      "while this host cannot hear a peer, the service for what is not known runs, and that for silence does not"
    )
    func unknown() async throws {
      let peer = Bridge.address(ofHost: 2)
      try await Bridge.with(hosts: 2) { bridge in
        try await Container.running(network: .namespace(bridge.hosts[0])) { container in
          try await container.install()
          try await Self.install(in: container, peer: peer)
          try await container.write(
            "[Service]\nEnvironment=MCASTD_INTERFACE=eth0\n",
            to: "/etc/systemd/system/mcastd.service.d/test.conf")
          try await container.systemctl("daemon-reload")
          try await bridge.hosts[1].peer("sender", "--interval", "0.2") { _ in
            let start = try await container.journalEnd()
            try await container.systemctl("start", "mcastd")
            // Until its pace is known.
            try await container.entries(12, after: start, "MCAST_SOURCE=\(peer)", within: .seconds(20))
            try await Self.expectAlive(peer, in: container)
            try await Self.expectUnknown(peer, in: container) { isUsable in
              try await bridge.hosts[0].ip("link", "set", "eth0", isUsable ? "up" : "down")
            }
            try await Self.expectUnknown(peer, in: container) { isUsable in
              try await bridge.setCarrier(isUsable, port: "port1")
            }
            let told = try await container.journal(after: start, Self.peerSilent, Self.peerBack)
            #expect(told.isEmpty, "\(told)")
            // A daemon that is stopped takes the files with it, which ends nothing.
            try await bridge.setCarrier(false, port: "port1")
            for service in Self.notAliveServices(peer) {
              try await container.property("ActiveState", of: service) { $0 == "active" }
            }
            let before = try await Self.invocations(container, Self.notAliveServices(peer))
            try await container.systemctl("stop", "mcastd")
            #expect(try await !container.run("test", "-e", "/run/mcastd/peers").succeeded)
            // Nothing is to happen: systemd starts a unit of a path within milliseconds of a change.
            try await Task.sleep(for: .seconds(1))
            #expect(try await Self.invocations(container, Self.notAliveServices(peer)) == before)
          }
        }
      }
    }

    /// - Parameter setUsable: makes the daemon's interface unusable, and usable again.
    private static func expectUnknown(
      _ peer: String, in container: Container, setUsable: (Bool) async throws -> Void
    ) async throws {
      let before = try await container.journalEnd()
      try await setUsable(false)
      try await container.entries(1, after: before, interfaceLost)
      for service in notAliveServices(peer) {
        try await container.property("ActiveState", of: service) { $0 == "active" }
      }
      let facts = try await container.run("cat", "/run/mcastd/peers/unknown/\(peer)").checked().lines
      #expect(facts.contains("address=\(peer)") && facts.contains("state=unknown"), "\(facts)")
      // Nothing is to happen, whatever process looks: with its 0.2 s the peer would be silent after 1.1 s,
      // and told to be at the next judgement, a second later.
      let invocations = try await invocations(container, notAliveServices(peer))
      try await container.systemctl("restart", "mcastd")
      try await Task.sleep(for: .seconds(3))
      #expect(try await Self.invocations(container, notAliveServices(peer)) == invocations)
      for service in silentServices(peer) + ["mcastd-peer-back@\(peer).service"] {
        let state = try await container.properties(of: service, "ActiveState")
        #expect(state == ["ActiveState": "inactive"], "\(service)")
      }
      try await setUsable(true)
      try await expectAlive(peer, in: container)
      let said = try await container.journal(after: before, "SYSLOG_IDENTIFIER=mcastd-example").map(\.message)
      #expect(
        said.sorted() == [
          "\(peer) is known to be alive", "\(peer) is not known to be alive",
          "a peer is not known to be alive", "all peers are known to be alive",
        ])
    }

    private static func expectAlive(_ peer: String, in container: Container) async throws {
      try await container.property("ActiveState", of: "mcastd-peer-back@\(peer).service") { $0 == "active" }
      for service in silentServices(peer) + notAliveServices(peer) {
        try await container.property("ActiveState", of: service) { $0 == "inactive" }
      }
    }

    private static func invocations(
      _ container: Container, _ services: [String] = services
    ) async throws -> [String] {
      var invocations: [String] = []
      for service in services {
        let properties = try await container.properties(of: service, "InvocationID", "ActiveState")
        invocations.append("\(properties["InvocationID"] ?? "") \(properties["ActiveState"] ?? "")")
      }
      return invocations
    }
  }
}
