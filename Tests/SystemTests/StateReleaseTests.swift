// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// What becomes of active states when the daemon ends: `release-states`, as the unit has it run.
  @Suite(.container)
  struct StateReleaseTests {
    /// Runs `body` with the daemon up and a state of it active, whose action is done once.
    ///
    /// - Parameters:
    ///   - settings: The file of its settings.
    ///   - more: Of them.
    ///   - prefix: Of the state's target, for an instance.
    private func withActiveState(
      of unit: String = "mcastd", settings: String = "/etc/mcastd/mcastd.conf.d/state.conf",
      _ more: String = "", prefix: String = "",
      _ body: (Container) async throws -> Void
    ) async throws {
      let container = try Container.current
      let state = prefix + "fans"
      try await container.enableAction(for: state)
      try await container.enterFans(of: unit, settings: settings, more, action: state)
      try await body(container)
      try await container.systemctl("stop", unit)
      try await container.run("systemctl", "reset-failed", unit)
      try await container.run("rm", "-f", settings).checked()
    }

    /// Waits for the action to be undone, and says how long that took after `harm`.
    private func undone(
      of state: String = "fans", _ container: Container, after harm: () async throws -> Void
    ) async throws {
      let clock = ContinuousClock()
      let start = clock.now
      try await harm()
      try await container.actions(of: state, are: ["on", "off"])
      print("released after \(clock.now - start)")
    }

    @Test("a restart flips nothing, two in a row neither, nor does a reload")
    func restart() async throws {
      try await withActiveState { container in
        try await container.systemctl("restart", "mcastd")
        try await container.systemctl("try-restart", "mcastd")
        try await container.systemctl("reload", "mcastd")
        try await container.systemctl("reload-or-restart", "mcastd")
        #expect(try await container.actions(of: "fans") == ["on"])
        #expect(try await !container.run("test", "-e", "/run/mcastd/states-released").succeeded)
        let state = try await container.properties(of: "mcastd-state@fans.target", "ActiveState")
        #expect(state == ["ActiveState": "active"])
      }
    }

    @Test("a stop releases")
    func stop() async throws {
      try await withActiveState { container in
        try await undone(container) { try await container.systemctl("stop", "mcastd") }
        #expect(try await container.properties("Result") == ["Result": "success"])
      }
    }

    @Test("SIGKILL, a crash and a watchdog release at once", arguments: ["KILL", "SEGV", "ABRT"])
    func killed(signal: String) async throws {
      try await withActiveState { container in
        try await undone(container) {
          try await container.systemctl("kill", "--kill-whom=main", "--signal=\(signal)", "mcastd")
        }
        try await container.property("NRestarts") { $0 == "1" }
        try await container.property("ActiveState") { $0 == "active" }
        // It does not come back by itself.
        #expect(try await container.actions(of: "fans") == ["on", "off"])
        // Which the next process was told, and noted.
        #expect(try await !container.run("test", "-e", "/run/mcastd/states-released").succeeded)
      }
    }

    @Test("a restart into a configuration that is refused releases")
    func failedStart() async throws {
      try await withActiveState { container in
        let path = "/etc/mcastd/mcastd.conf"
        try await container.write("ttl=none\n", to: path)
        try await undone(container) {
          let restart = try await container.run("systemctl", "restart", "mcastd")
          #expect(!restart.succeeded)
        }
        try await container.run("rm", path).checked()
      }
    }

    @Test("an instance releases its own states and no others")
    func instance() async throws {
      try await withActiveState { container in
        try await withActiveState(
          of: "mcastd@lab", settings: "/etc/mcastd/lab.conf", "group=239.3.3.3\nport=5003\n", prefix: "lab-"
        ) { container in
          try await container.systemctl("restart", "mcastd@lab")
          #expect(try await container.actions(of: "lab-fans") == ["on"])
          try await undone(of: "lab-fans", container) { try await container.systemctl("stop", "mcastd@lab") }
        }
        #expect(try await container.actions(of: "fans") == ["on"])
      }
    }

    @Test("with the drop-in of the example states are held")
    func held() async throws {
      try await withActiveState { container in
        let path = "/etc/systemd/system/mcastd.service.d/hold-states.conf"
        try await container.put(Repository.path("/systemd/examples/hold-states.conf"), at: path)
        try await container.systemctl("daemon-reload")
        try await container.systemctl("kill", "--kill-whom=main", "--signal=KILL", "mcastd")
        try await container.property("NRestarts") { $0 == "1" }
        try await container.property("ActiveState") { $0 == "active" }
        try await container.systemctl("stop", "mcastd")
        #expect(try await container.actions(of: "fans") == ["on"])
        try await container.run("rm", path).checked()
        try await container.systemctl("daemon-reload")
      }
    }

    @Test("a name of a file becomes no other unit, and a slow action holds up no restart")
    func hostile() async throws {
      try await withActiveState { container in
        let names = ["rescue.target", "a b", "-f", "x;reboot", "ä", "A", "*", "a\nb", "mcastd.service"]
        for name in names {
          try await container.run("touch", "--", "/run/mcastd/states/active/\(name)").checked()
        }
        let slow = "/etc/systemd/system/action-fans.service.d/slow.conf"
        try await container.write("[Service]\nExecStop=/bin/sleep 60\nTimeoutStopSec=90\n", to: slow)
        try await container.systemctl("daemon-reload")
        let start = try await container.journalEnd()
        try await container.systemctl("kill", "--kill-whom=main", "--signal=KILL", "mcastd")
        try await container.property("NRestarts") { $0 == "1" }
        try await container.property("ActiveState", within: .seconds(5)) { $0 == "active" }
        try await container.actions(of: "fans", are: ["on", "off"])
        let said = try await container.journal(after: start, "_SYSTEMD_UNIT=mcastd.service", "_UID=0")
        #expect(said.map(\.message) == [])
        try await container.run("systemctl", "kill", "--signal=KILL", "action-fans.service").checked()
        try await container.run("rm", "-r", "/etc/systemd/system/action-fans.service.d").checked()
        try await container.systemctl("daemon-reload")
      }
    }
  }
}
