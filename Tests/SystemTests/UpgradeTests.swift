// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// From the package of 0.1.0, as it was released, to this one, and back.
  @Suite(
    "an upgrade from the package of 0.1.0 on Debian 12 and 13",
    .enabled(if: DebianPackage.released != nil, "needs the history (packaging/package-0.1.0)"))
  struct UpgradeTests {
    private static let count = 8000
    private static let alive = "127.0.0.5"
    private static let silent = "127.0.0.6"
    /// What the files and the drop-in below say.
    private static let chosen = [
      "subscribe.group": "239.7.7.7", "publish.group": "239.7.7.7", "ttl": "3", "log.rate": "0",
      "peers.max": "64", "log.own": "no",
    ]

    @Test(
      "under 500 datagrams a second none is lost and none doubled; socket, peers and settings are kept",
      arguments: DebianRelease.tested)
    func upgrade(release: DebianRelease) async throws {
      let (old, new) = (try #require(DebianPackage.released), try await DebianPackage.current.value)
      try await Container.running(on: release) { container in
        try await container.install(old)
        try await Self.withPeers(container) {
          let before = try await Observation(container)
          #expect(Self.chosen.allSatisfy { before.settings[$0.key]?.value == $0.value }, "\(before.settings)")
          let end = try await container.journalEnd()
          let output = try await Self.burst("upgrade", container) { try await container.install(new) }

          let after = try await Observation(container)
          #expect(try await container.installedVersion() == new.version)
          #expect(try await container.status().version == new.version)
          #expect(zip(after.processes, before.processes).allSatisfy { $0 != $1 })
          #expect(after.sockets == before.sockets && before.sockets.map(\.count) == [1, 1])
          #expect(after.peers == before.peers)
          for (key, setting) in before.settings {
            #expect(after.settings[key]?.value == setting.value, "\(key)")
            #expect(after.settings[key]?.origin == setting.origin, "\(key)")
          }
          #expect(try await container.properties("NRestarts") == ["NRestarts": "0"])
          #expect(try await container.run("systemctl", "is-enabled", "mcastd").lines == ["enabled"])
          #expect(try await container.run("systemctl", "--failed", "--no-legend").text == "")

          // Nobody asks: the file that nobody changed is the new one.
          #expect(!output.text.contains("Configuration file"), "\(output)")
          #expect(try await container.run("dpkg", "--verify", "mcastd").checked().text == "")
          #expect(try await container.leftConfiguration() == [])
          let check = try await container.run("mcastd", "check")
          #expect(check.succeeded && !check.errorText.contains("warning"), "\(check)")

          // Seven more beats: whoever were to be new, silent or back would be by now.
          try await container.beats(7, from: Self.alive, after: container.journalEnd())
          let told = try await container.journal(after: end, "--unit=mcastd", "--unit=mcastd@other")
          let events = [
            EventID.peerDiscovered, EventID.peerSilent, EventID.peerBack, EventID.peerLeft,
            EventID.networkSilent, EventID.interfaceLost, EventID.kernelDrops, EventID.ownHeartbeatNotHeard,
          ]
          #expect(told.filter { events.contains($0["MESSAGE_ID"] ?? "") }.map(\.message) == [])
          let severe = told.filter { ($0["PRIORITY"].flatMap(Int.init) ?? 7) <= 4 }
          #expect(severe.map(\.message) == [])
          #expect(try await Observation(container).peers == before.peers)
        }
      }
    }

    @Test("a file of settings that was changed stays as it is, and in force", arguments: DebianRelease.tested)
    func changedFile(release: DebianRelease) async throws {
      let (old, new) = (try #require(DebianPackage.released), try await DebianPackage.current.value)
      try await Container.running(on: release) { container in
        try await container.install(old)
        let path = "/etc/mcastd/mcastd.conf"
        let written = lines(of: container.root + path).map {
          $0.replacing("#group=239.1.1.1", with: "group=239.7.7.7").replacing("#rate=100", with: "rate=0")
        }
        try await container.write(written.joined(separator: "\n") + "\n", to: path)
        try await container.systemctl("restart", "mcastd")
        let before = try await (container.status().settings, container.mainProcess())

        // dpkg asks what to do and gets no answer: 0.1.0 goes on.
        let package = "/root/mcastd_\(new.version).deb"
        try await container.put(new.path, at: package)
        let asked = try await container.run(
          "apt-get", "--quiet", "--yes", "install", package,
          environment: ["DEBIAN_FRONTEND": "noninteractive"], within: .seconds(60))
        #expect(!asked.succeeded && asked.text.contains("Configuration file '\(path)'"), "\(asked)")
        #expect(try await container.mainProcess() == before.1)
        #expect(lines(of: container.root + path) == written)

        // As for every package: an answer beforehand.
        try await container.apt(
          "--option", "Dpkg::Options::=--force-confdef", "--option", "Dpkg::Options::=--force-confold",
          "--fix-broken", "install")
        #expect(try await container.mainProcess() != before.1)
        #expect(try await container.status().version == new.version)
        #expect(lines(of: container.root + path) == written)
        #expect(try await container.leftConfiguration() == ["\(path).dpkg-dist"])
        let after = try await container.status().settings
        for (key, setting) in before.0 { #expect(after[key]?.value == setting.value, "\(key)") }
        let check = try await container.run("mcastd", "check")
        #expect(check.succeeded && !check.errorText.contains("warning"), "\(check)")
      }
    }

    @Test(
      "back to 0.1.0 under 500 datagrams a second none is lost, and it runs", arguments: DebianRelease.tested)
    func downgrade(release: DebianRelease) async throws {
      let (old, new) = (try #require(DebianPackage.released), try await DebianPackage.current.value)
      try await Container.running(on: release) { container in
        try await container.install(new)
        try await Self.withPeers(container) {
          let before = try await Observation(container)
          try await Self.burst("downgrade", container) { try await container.install(old) }
          let after = try await Observation(container)
          #expect(try await container.status().version == old.version)
          #expect(zip(after.processes, before.processes).allSatisfy { $0 != $1 })
          #expect(after.sockets == before.sockets)
          for (key, setting) in after.settings {
            #expect(before.settings[key]?.value == setting.value, "\(key)")
          }
          #expect(try await container.properties("NRestarts") == ["NRestarts": "0"])
          #expect(try await container.run("systemctl", "--failed", "--no-legend").text == "")
          // It knows who is there after two beats; who was silent is not heard of again.
          try await eventually("the peer is alive") {
            entries(of: container.root + "/run/mcastd/peers/alive") == [Self.alive] ? () : nil
          }
        }
      }
    }

    // MARK: What an operator has set up

    /// What an upgrade has to leave as it is.
    private struct Observation {
      var processes: [String]
      /// Of the service and of the instance.
      var sockets: [Set<String>]
      /// Names below each state's directory.
      var peers: [String: [String]]
      var settings: [String: DaemonStatus.Setting]

      init(_ container: Container) async throws {
        processes = [
          try await container.mainProcess(), try await container.mainProcess(of: "mcastd@other"),
        ]
        sockets = [
          try await container.receiveSockets(), try await container.receiveSockets(port: 5003),
        ]
        peers = [:]
        for state in ["alive", "silent", "left", "unknown"] {
          let names = entries(of: "\(container.root)/run/mcastd/peers/\(state)").sorted()
          if names != [] { peers[state] = names }
        }
        settings = try await container.status().settings
      }
    }

    /// Sets up a service by files and a drop-in, an instance, and a peer of either state; runs `body` while
    /// one of them beats.
    private static func withPeers(_ container: Container, _ body: () async throws -> Void) async throws {
      try await container.write(
        "[log]\nrate=0\nown=no\n[peers]\nmax=64\n", to: "/etc/mcastd/mcastd.conf.d/50-test.conf")
      try await container.write("group=239.3.3.3\nport=5003\n", to: "/etc/mcastd/other.conf")
      // systemctl wants a terminal; Debian 13's tells the editor a line as well.
      let editor = """
        #!/bin/sh
        for file; do :; done
        printf '[Service]\\nEnvironment=MCASTD_GROUP=239.7.7.7 MCASTD_TTL=3\\n' >"$file"
        """
      try await container.run(
        "install", "-m", "0755", "/dev/stdin", "/root/editor", input: Array(editor.utf8)
      ).checked()
      try await container.run(
        "script", "--quiet", "--return", "--command", "systemctl edit mcastd", "/dev/null",
        environment: ["SYSTEMD_EDITOR": "/root/editor", "TERM": "dumb"]
      ).checked()
      try await container.systemctl("restart", "mcastd")
      try await container.systemctl("enable", "--now", "mcastd@other")
      func beats(_ address: String, _ body: () async throws -> Void) async throws {
        try await container.peer("beats", "--group", "239.7.7.7", "--first", address) { _ in
          try await container.beats(12, from: address)
          try await body()
        }
      }
      try await beats(alive) {
        try await beats(silent) {}
        try await eventually("\(silent) is silent", within: .seconds(30)) {
          entries(of: container.root + "/run/mcastd/peers/silent") == [silent] ? () : nil
        }
        try await body()
      }
    }

    /// Numbered datagrams while `body` runs, of which none may be missing or doubled.
    @discardableResult
    private static func burst<T>(
      _ name: String, _ container: Container, while body: () async throws -> T
    ) async throws -> T {
      let start = try await container.journalEnd()
      let before = try await container.mainProcess()
      var result: T?
      try await container.burst(name, rate: 500, count: count, "--group", "239.7.7.7") {
        try await container.entries(1, after: start, "MCAST_PAYLOAD=burst \(name) 200")
        result = try await body()
      }
      try await container.settled()
      let burst = try await container.logged(name)
      #expect(burst.missing(of: count) == [])
      #expect(burst.repeated == [])
      // It did happen in the middle of it.
      let after = try await container.mainProcess()
      let entries = try await container.loggedByProcess(after: start)
      #expect(entries[before, default: 0] > 200 && entries[after, default: 0] > 200, "\(entries)")
      return try #require(result)
    }
  }
}

extension Container {
  /// What dpkg left beside files of settings.
  fileprivate func leftConfiguration() async throws -> [String] {
    try await run("find", "/etc/mcastd", "-name", "*.dpkg-*").checked().lines
  }

  /// Waits until `count` heartbeats of a host are in the journal.
  fileprivate func beats(_ count: Int, from address: String, after position: UInt64 = 0) async throws {
    try await entries(
      count, after: position, "MCAST_KIND=heartbeat", "MCAST_SOURCE=\(address)",
      within: .seconds(count + 10))
  }
}
