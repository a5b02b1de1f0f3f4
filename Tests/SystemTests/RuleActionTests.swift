// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// A rule of the daemon in its sandbox, and what follows: by real polkit, dbus and systemd.
  @Suite(.container)
  struct RuleActionTests {
    private static let settings = "Environment=MCASTD_NAME=h1 MCASTD_READINGS_EXPIRE=1h"
    private static let target = "mcastd-state@fans.target"

    /// Runs `body` with a rule over what a file says, the daemon up, and an action enabled for its state.
    private func withRule(flips: Int = 100, _ body: (Container) async throws -> Void) async throws {
      let container = try Container.current
      try await container.enableAction(for: "fans")
      let rule =
        "when=ups.status has OB\nuntil=ups.status has OL\nfor=200ms\nrelease-for=200ms\nflip-limit=\(flips)/1h\n"
      try await container.write(rule, to: "/etc/mcastd/rules.d/fans.rule")
      try await say("OL")
      try await container.run("mkdir", "-p", "/etc/mcastd/readings.d").checked()
      try await container.run("ln", "-sf", "/run/ups/ups.status", "/etc/mcastd/readings.d/ups.status")
        .checked()
      try await container.withDropIn(Self.settings) {
        try await container.systemctl("start", "mcastd")
        try await body(container)
      }
      try await container.run("rm", "-rf", "/etc/mcastd/rules.d", "/etc/mcastd/readings.d").checked()
      try await container.systemctl("stop", Self.target)
    }

    private func say(_ status: String) async throws {
      let container = try Container.current
      try await container.write("\(status)\n", to: "/run/ups/.new")
      try await container.run("mv", "/run/ups/.new", "/run/ups/ups.status").checked()
    }

    /// Waits until the state's file is in this folder, and in no other.
    private func file(isIn folder: String) async throws {
      let container = try Container.current
      try await eventually("the file of the state in \(folder)") {
        let output = try await container.run("sh", "-c", "cd /run/mcastd/states && echo */fans")
        return output.lines == ["\(folder)/fans"] ? true : nil
      }
    }

    /// The targets that entries of a kind are about, as many as are awaited; a minute is until the next try.
    private func told(_ id: String, after start: UInt64, _ count: Int) async throws -> [String] {
      let container = try Container.current
      let entries = try await container.entries(
        count, after: start, "--unit=mcastd", "MESSAGE_ID=\(id)", within: .seconds(70))
      return entries.compactMap { $0["MCAST_UNIT"] }
    }

    @Test("a state that is entered starts its target and has its file, and the way back undoes it")
    func enterAndLeave() async throws {
      try await withRule { container in
        try await file(isIn: "inactive")
        try await say("OB DISCHRG")
        try await container.actions(of: "fans", are: ["on"])
        try await file(isIn: "active")
        try await say("OL")
        try await container.actions(of: "fans", are: ["on", "off"])
        try await file(isIn: "inactive")
      }
    }

    @Test(
      "a restart flips nothing, and what the rule says then counts; a kill releases until it is entered anew")
    func restart() async throws {
      try await withRule { container in
        try await say("OB")
        try await container.actions(of: "fans", are: ["on"])
        let pid = try await container.mainProcess()
        try await container.systemctl("restart", "mcastd")
        #expect(try await container.mainProcess() != pid)
        try await file(isIn: "active")
        #expect(try await container.actions(of: "fans") == ["on"])
        try await say("OL")
        try await container.actions(of: "fans", are: ["on", "off"])
        try await say("OB")
        try await container.actions(of: "fans", are: ["on", "off", "on"])
        try await container.systemctl("kill", "--kill-whom=main", "--signal=KILL", "mcastd")
        try await container.actions(of: "fans", are: ["on", "off", "on", "off", "on"])
        try await file(isIn: "active")
        try await container.systemctl("stop", "mcastd")
        try await container.actions(of: "fans", are: ["on", "off", "on", "off", "on", "off"])
      }
    }

    @Test("a daemon that is killed after each entry flips its state no more often than flip-limit allows")
    func killedAgain() async throws {
      try await withRule(flips: 4) { container in
        let start = try await container.journalEnd()
        func kill() async throws {
          try await container.systemctl("kill", "--kill-whom=main", "--signal=KILL", "mcastd")
        }
        try await say("OB")
        try await container.actions(of: "fans", are: ["on"])
        try await kill()
        try await container.actions(of: "fans", are: ["on", "off", "on"])
        try await kill()
        try await container.entries(1, after: start, "MCAST_RULE=fans", "MCAST_RULE_STATE=suspended")
        #expect(try await container.actions(of: "fans") == ["on", "off", "on", "off"])
      }
    }

    @Test("an operator who stops the target is not fought, and one who masks it is told of it once")
    func operatorActs() async throws {
      try await withRule { container in
        let start = try await container.journalEnd()
        try await say("OB")
        try await container.actions(of: "fans", are: ["on"])
        try await container.systemctl("stop", Self.target)
        try await container.actions(of: "fans", are: ["on", "off"])
        try await container.systemctl("mask", "--runtime", Self.target)
        try await say("OL")
        try await file(isIn: "inactive")
        try await say("OB")
        #expect(try await told(EventID.targetRefused, after: start, 1) == [Self.target])
        try await file(isIn: "active")
        try await container.systemctl("unmask", "--runtime", Self.target)
        // Sooner than within the minute.
        try await say("OL")
        try await file(isIn: "inactive")
        try await say("OB")
        try await container.actions(of: "fans", are: ["on", "off", "on"])
        #expect(try await container.journal(after: start, "MESSAGE_ID=\(EventID.targetRefused)").count == 1)
      }
    }

    @Test(
      "without polkit that is told at the start, files are right also over a restart, and it is tried again")
    func withoutPolkit() async throws {
      let container = try Container.current
      try await container.systemctl("stop", "polkit")
      try await container.systemctl("mask", "--runtime", "polkit")
      let start = try await container.journalEnd()
      try await withRule { container in
        #expect(try await told(EventID.targetRefused, after: start, 1) == [Self.target])
        try await say("OB")
        try await file(isIn: "active")
        try await container.systemctl("restart", "mcastd")
        // Once by each process.
        #expect(try await told(EventID.targetRefused, after: start, 2) == [Self.target, Self.target])
        try await file(isIn: "active")
        #expect(try await container.actions(of: "fans") == [])
        try await container.systemctl("unmask", "--runtime", "polkit")
        try await container.actions(of: "fans", are: ["on"], within: .seconds(70))
        try await say("OL")
        try await container.actions(of: "fans", are: ["on", "off"])
        #expect(try await told(EventID.targetAccepted, after: start, 1) == [Self.target])
        #expect(try await container.journal(after: start, "MESSAGE_ID=\(EventID.targetRefused)").count == 2)
      }
    }

    @Test("without a bus the files are right, and the target follows when there is one")
    func withoutBus() async throws {
      try await withRule { container in
        let start = try await container.journalEnd()
        try await container.systemctl("stop", "dbus.socket", "dbus.service")
        try await say("OB")
        try await file(isIn: "active")
        #expect(try await told(EventID.targetRefused, after: start, 1) == [Self.target])
        try await container.systemctl("restart", "mcastd")
        try await file(isIn: "active")
        try await container.systemctl("start", "dbus.socket")
        try await container.actions(of: "fans", are: ["on"], within: .seconds(70))
        try await container.systemctl("restart", "dbus.service")
        try await say("OL")
        try await container.actions(of: "fans", are: ["on", "off"])
      }
    }

    @Test("a rule that is removed releases its state")
    func removed() async throws {
      try await withRule { container in
        try await say("OB")
        try await container.actions(of: "fans", are: ["on"])
        try await container.run("rm", "/etc/mcastd/rules.d/fans.rule").checked()
        try await container.systemctl("reload", "mcastd")
        try await container.actions(of: "fans", are: ["on", "off"])
        #expect(
          try await container.run("sh", "-c", "ls /run/mcastd/states/*/").checked().lines.filter {
            $0 == "fans"
          }
            == [])
        // Also where that was while no daemon ran.
        try await container.write("when=ups.status has OB\nfor=0s\n", to: "/etc/mcastd/rules.d/fans.rule")
        try await container.systemctl("reload", "mcastd")
        try await container.actions(of: "fans", are: ["on", "off", "on"])
        try await container.run("rm", "/etc/mcastd/rules.d/fans.rule").checked()
        try await container.systemctl("restart", "mcastd")
        try await container.actions(of: "fans", are: ["on", "off", "on", "off"])
      }
    }
  }
}
