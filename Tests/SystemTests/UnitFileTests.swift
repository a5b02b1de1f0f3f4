// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// What systemd thinks of the files in `systemd/`.
  @Suite(.container)
  struct UnitFileTests {
    @Test("the unit's exposure is at most 1.1", arguments: ["mcastd.service", "mcastd@other.service"])
    func exposure(unit: String) async throws {
      let output = try await Container.current.run(
        "systemd-analyze", "security", "--no-pager", "--threshold=11", unit)
      #expect(output.succeeded, "\(output)")
    }

    @Test("systemd-analyze verify has nothing to say", arguments: ["mcastd.service", "mcastd@.service"])
    func verify(unit: String) async throws {
      let output = try await Container.current.run(
        "systemd-analyze", "verify", "--man=no", "/usr/lib/systemd/system/\(unit)")
      #expect(output.succeeded)
      #expect(output.text + output.errorText == "")
    }

    @Test("the template differs from the unit in nothing but its name")
    func template() {
      let unit = lines(of: Repository.path("/systemd/mcastd.service"))
      let template = lines(of: Repository.path("/systemd/mcastd@.service"))
      let changed = zip(unit, template).filter { $0 != $1 }.map { $0.0.prefix { $0 != "=" } }
      #expect(unit.count == template.count)
      #expect(changed == ["Description", "ExecStart", "ExecReload", "RuntimeDirectory"])
    }

    @Test("the daemon runs as its own user, in a directory that clients can enter")
    func user() async throws {
      let container = try Container.current
      try await container.systemctl("start", "mcastd")
      let process = try await container.properties("MainPID")["MainPID"] ?? ""
      #expect(try await container.run("ps", "-o", "user=", "-p", process).lines == ["mcastd"])
      #expect(
        try await container.run("stat", "--format=%U %a %F", "/run/mcastd").lines == ["mcastd 755 directory"])
    }

    @Test("an instance reads its own file and has its own directory, beside the first")
    func instance() async throws {
      let container = try Container.current
      try await container.write("group=239.3.3.3\nport=5003\n", to: "/etc/mcastd/other.conf")
      let start = try await container.journalEnd()
      try await container.systemctl("start", "mcastd", "mcastd@other")
      try await container.entries(
        1, after: start, "--unit=mcastd@other", "MCAST_GROUP=239.3.3.3", "MCAST_PORT=5003")
      try await container.entries(1, after: start, "--unit=mcastd", "MCAST_GROUP=239.1.1.1")
      #expect(try await container.run("test", "-d", "/run/mcastd-other").succeeded)
      try await container.systemctl("stop", "mcastd@other")
    }

    @Test("with the allow-list's drop-in it still hears itself, and is exposed to 1.0")
    func allowList() async throws {
      let container = try Container.current
      let example = lines(of: Repository.path("/systemd/examples/ip-allow-list.conf"))
      let settings = example.filter { $0.hasPrefix("IPAddress") }.joined(separator: "\n")
      let start = try await container.journalEnd()
      try await container.withDropIn(settings) {
        let security = try await container.run(
          "systemd-analyze", "security", "--no-pager", "--threshold=10", "mcastd.service")
        #expect(security.succeeded, "\(security)")
        try await container.systemctl("start", "mcastd")
        try await container.entries(2, after: start, "--unit=mcastd", "MCAST_KIND=heartbeat")
      }
    }
  }
}
