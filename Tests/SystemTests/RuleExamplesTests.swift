// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// The rules in `systemd/examples`, each installed as its comments say. The other hosts are daemons with
  /// names of their own, on lo; all have keys.
  @Suite(.package(on: .machine))
  struct RuleExamplesTests {
    private static let hosts = ["ups1", "ups2", "ups3", "rack1", "rack2", "rack3"]
    private static let settings = "interface=lo\ninterval=200ms\nreadings.directory=/etc/mcastd/none\n"

    /// Says a reading at hosts.
    private func say(_ reading: String, at hosts: String...) async throws {
      let container = try Container.packaged(on: .machine)
      for host in hosts { try await container.run("mcastd", "set", "--instance", host, reading).checked() }
    }

    private func startHosts() async throws -> Container {
      let container = try Container.packaged(on: .machine)
      try await container.run("mkdir", "-p", "/etc/mcastd/none").checked()
      try await container.write("name=this\n\(Self.settings)", to: "/etc/mcastd/mcastd.conf.d/50-test.conf")
      for host in Self.hosts {
        // They have no rules: those are of the host that acts.
        try await container.write(
          "name=\(host)\n\(Self.settings)rules.directory=/etc/mcastd/none\n", to: "/etc/mcastd/\(host).conf")
      }
      // One that is killed is to stay silent.
      try await container.write(
        "[Service]\nRestart=no\n", to: "/etc/systemd/system/mcastd@.service.d/silent.conf")
      for unit in ["mcastd", "mcastd@"] { try await container.requireKeys(of: unit) }
      try await container.run("systemctl", "reset-failed", "mcastd").checked()
      try await container.systemctl("restart", "mcastd")
      for host in Self.hosts {
        try await container.systemctl("restart", "mcastd@\(host)")
        try await container.hears(host, say: "mac=tests:")
      }
      try await say("ups.status=OL", at: "ups1", "ups2", "ups3")
      try await say("temp.inlet=22C", at: "rack1", "rack2")
      return container
    }

    /// Runs `body` with hosts that are well, and an example in force there.
    ///
    /// - Parameters:
    ///   - body: Is given where the journal ended before.
    private func withExample(
      _ rule: String, _ spans: [(String, String)], units: [String],
      prepare: (Container) async throws -> Void = { _ in },
      _ body: (Container, UInt64) async throws -> Void
    ) async throws {
      let container = try await startHosts()
      try await prepare(container)
      let start = try await container.journalEnd()
      try await container.installExample(rule, spans: spans, units: units, enabled: units[0])
      let verified = try await container.run("systemd-analyze", "verify", "/etc/systemd/system/\(units[0])")
      #expect(verified.succeeded && verified.text + verified.errorText == "", "\(verified)")
      try await body(container, start)
      try await container.removeExample(rule, enabled: units[0])
    }

    @Test("fans stop on battery, run when it gets hot, when the mains are back, and when stopping them fails")
    func fans() async throws {
      let spans = [("for=10s", "for=1s"), ("release-for=5s", "release-for=1s")]
      try await withExample("fans-off", spans, units: ["fans-off.service"]) { container in
        let script = "#!/bin/sh\necho $1 >>/run/fans-off.log\n[ $1 = on ] || ! [ -e /run/fans-stuck ]\n"
        try await container.write(script, to: "/usr/local/sbin/fans")
        try await container.run("chmod", "755", "/usr/local/sbin/fans").checked()
        try await container.write("", to: "/run/fans-off.log")
      } _: { container, start in
        // One that lies is not believed.
        try await say("ups.status=OB DISCHRG", at: "ups1")
        try await container.hears("ups1", say: "ups.status=\"OB DISCHRG\"", 12)
        #expect(try await container.actions(of: "fans-off") == [])
        try await say("ups.status=OB DISCHRG", at: "ups2")
        try await container.actions(of: "fans-off", are: ["off"])
        try await say("temp.inlet=28C", at: "rack1")
        try await container.hears("rack1", say: "temp.inlet=28C", 12)
        #expect(try await container.actions(of: "fans-off") == ["off"])
        try await say("temp.inlet=30C", at: "rack1")
        try await container.actions(of: "fans-off", are: ["off", "on"])
        try await say("temp.inlet=24C", at: "rack1")
        try await container.actions(of: "fans-off", are: ["off", "on", "off"])
        try await say("ups.status=OL", at: "ups1", "ups2")
        try await container.actions(of: "fans-off", are: ["off", "on", "off", "on"])
        let turn = ["pending", "active", "releasing", "inactive"]
        let changes = try await container.changes(of: "fans-off", after: start, are: turn + turn)
        #expect(changes[2].reason.contains("rack1=30C"), "\(changes)")
        #expect(changes[6].reason.contains("ups.status has OL"), "\(changes)")

        try await container.write("", to: "/run/fans-stuck")
        try await say("ups.status=OB", at: "ups1", "ups2")
        try await container.actions(of: "fans-off", are: ["off", "on", "off", "on", "off", "on"])
        try await container.property("ActiveState", of: "fans-off.service") { $0 == "failed" }
      }
    }

    @Test("a lamp burns while a UPS is on battery")
    func lamp() async throws {
      let spans = [("for=2s", "for=400ms"), ("release-for=2s", "release-for=400ms")]
      try await withExample("lamp", spans, units: ["lamp.service"]) { container in
        try await container.write(
          "[Service]\nEnvironment=LAMP=/run/lamp\n", to: "/etc/systemd/system/lamp.service.d/test.conf")
        try await container.write("0\n", to: "/run/lamp")
      } _: { container, _ in
        func burns(_ value: String) async throws {
          try await eventually("the lamp \(value)") {
            try await container.run("cat", "/run/lamp").checked().lines == [value] ? true : nil
          }
        }
        try await say("ups.status=OB DISCHRG", at: "ups3")
        try await burns("1")
        try await say("ups.status=OL", at: "ups3")
        try await burns("0")
        let shipped = lines(of: Repository.path("/systemd/examples/lamp.service"))
        #expect(shipped.contains("Environment=LAMP=/sys/class/leds/ACT/brightness"))
      }
    }

    @Test("a host shuts down at a time of its own, and not if the mains are back before")
    func shutdown() async throws {
      let units = ["power-low.timer", "power-low.service"]
      try await withExample("power-low", [("for=10s", "for=400ms")], units: units) { container, start in
        let command = try await container.properties(of: "power-low.service", "ExecStart")["ExecStart"] ?? ""
        #expect(command.contains("path=/usr/bin/systemctl ; argv[]=/usr/bin/systemctl poweroff ;"))
        // All but the end, and half an hour instead of half a minute until then.
        try await container.write(
          "[Service]\nExecStart=\nExecStart=/bin/touch /run/is-down\n",
          to: "/etc/systemd/system/power-low.service.d/try.conf")
        let spread = "/etc/systemd/system/power-low.timer.d/spread.conf"
        try await container.write("[Timer]\nRandomizedDelaySec=30min\n", to: spread)
        try await container.systemctl("daemon-reload")

        func enter() async throws {
          try await say("ups.status=OB DISCHRG LB", at: "ups1", "ups2")
          try await container.property("ActiveState", of: "power-low.timer") { $0 == "active" }
        }
        func leave() async throws {
          try await say("ups.status=OL CHRG LB", at: "ups1", "ups2", "ups3")
          try await container.property("ActiveState", of: "power-low.timer") { $0 == "inactive" }
        }
        try await enter()
        let first = try await turn(of: container)
        try await leave()
        try await enter()
        let second = try await turn(of: container)
        try await leave()
        print("power-low: \(first / 1000) ms and \(second / 1000) ms until this host's turn")
        #expect((1_000_000...1_802_000_000).contains(first) && abs(first - second) < 1_000_000)
        #expect(try await !container.run("test", "-e", "/run/is-down").succeeded)

        try await container.write("[Timer]\nRandomizedDelaySec=1s\n", to: spread)
        try await container.systemctl("daemon-reload")
        try await enter()
        try await eventually("the end") {
          try await container.run("test", "-e", "/run/is-down").succeeded ? true : nil
        }
        try await leave()
        // The third time it is suspended as it is left, which is another event.
        let outage = ["pending", "active", "inactive"]
        try await container.changes(of: "power-low", after: start, are: outage + outage + outage.dropLast())
      }
    }

    /// Microseconds from when the timer was started until it is this host's turn.
    private func turn(of container: Container) async throws -> Int {
      let next = try await container.run(
        "busctl", "get-property", "org.freedesktop.systemd1",
        "/org/freedesktop/systemd1/unit/power_2dlow_2etimer", "org.freedesktop.systemd1.Timer",
        "NextElapseUSecMonotonic"
      ).checked()
      let since = try await container.properties(of: "power-low.timer", "ActiveEnterTimestampMonotonic")
      let elapse = try #require(next.text.split(separator: " ").last.flatMap { Int($0.filter(\.isNumber)) })
      return elapse - (try #require(since.values.first.flatMap { Int($0) }))
    }

    @Test("who is silent gets into a mail, or into the journal, and so does that they are back")
    func page() async throws {
      let spans = [("for=30s", "for=400ms"), ("release-for=30s", "release-for=400ms")]
      try await withExample("rack-silent", spans, units: ["rack-silent.service"]) { container in
        try await container.run(
          "install", "-m", "755", "/usr/share/doc/mcastd/examples/page-silent", "/usr/local/bin"
        ).checked()
        try await container.run("rm", "-f", "/run/mails").checked()
      } _: { container, start in
        func kill(_ host: String) async throws {
          try await container.systemctl("kill", "--signal=KILL", "mcastd@\(host)")
        }
        try await kill("rack1")
        try await container.entries(1, after: start, "SYSLOG_IDENTIFIER=mcastd-page") {
          $0.message == "silent: rack1"
        }
        try await container.systemctl("start", "mcastd@rack1")
        try await container.entries(1, after: start, "SYSLOG_IDENTIFIER=mcastd-page") {
          $0.message == "racks are back"
        }
        try await container.write("#!/bin/sh\ncat >>/run/mails\n", to: "/usr/sbin/sendmail")
        try await container.run("chmod", "755", "/usr/sbin/sendmail").checked()
        try await kill("rack2")
        try await mail(container, "Subject: silent: rack2, by ")
        try await container.systemctl("start", "mcastd@rack2")
        try await mail(container, "Subject: racks are back, by ")
        #expect(try await container.journal(after: start, "SYSLOG_IDENTIFIER=mcastd-page").count == 2)
      }
    }

    private func mail(_ container: Container, _ subject: String) async throws {
      try await eventually(subject) {
        let lines = try await container.run("cat", "/run/mails").lines
        return lines.contains { $0.hasPrefix(subject) } && lines.first == "To: root" ? true : nil
      }
    }
  }
}
