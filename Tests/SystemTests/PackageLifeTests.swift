// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// Upgrade, removal and what is left; each in a container of its own.
  @Suite("the package's life on Debian 12 and 13")
  struct PackageLifeTests {
    @Test(
      "an upgrade under 500 datagrams a second loses none, and instances get the new program too",
      arguments: DebianRelease.tested)
    func upgrade(release: DebianRelease) async throws {
      let (current, next) = try await (DebianPackage.current.value, DebianPackage.next.value)
      try await Container.running(on: release) { container in
        try await container.write("[log]\nrate=0\n", to: "/etc/mcastd/mcastd.conf.d/50-test.conf")
        try await container.write("group=239.3.3.3\n", to: "/etc/mcastd/other.conf")
        try await container.install(current)
        try await container.systemctl("start", "mcastd@other")
        let before = try await (container.mainProcess(), container.mainProcess(of: "mcastd@other"))
        let start = try await container.journalEnd()

        let count = 4000
        try await container.burst("upgrade", rate: 500, count: count) {
          try await container.entries(1, after: start, "MCAST_PAYLOAD=burst upgrade 200")
          try await container.install(next)
        }
        #expect(try await container.installedVersion() == next.version)
        let after = try await (container.mainProcess(), container.mainProcess(of: "mcastd@other"))
        #expect(after.0 != before.0 && after.1 != before.1)
        try await container.settled()
        let burst = try await container.logged("upgrade")
        #expect(burst.missing(of: count) == [])
        #expect(burst.repeated == [])
        // It did happen in the middle of it.
        let entries = try await container.loggedByProcess(after: start)
        #expect(entries[before.0, default: 0] > 200 && entries[after.0, default: 0] > 0, "\(entries)")
        #expect(try await container.properties("NRestarts") == ["NRestarts": "0"])
      }
    }

    @Test("an upgrade of one of three hosts is one notice to the others, and no warning")
    func upgradeAmongOthers() async throws {
      let (current, next) = try await (DebianPackage.current.value, DebianPackage.next.value)
      try await Bridge.with(hosts: 3) { bridge in
        try await bridge.hosts[0].daemon("--interface", "eth0") { first in
          try await bridge.hosts[1].daemon("--interface", "eth0") { second in
            try await Container.running(network: .namespace(bridge.hosts[2])) { container in
              try await container.write("name=ups3\n", to: "/etc/mcastd/mcastd.conf.d/50-test.conf")
              try await container.install(current)
              for daemon in [first, second] {
                try await daemon.lines(3) { $0.contains(" host=ups3 ") }
              }
              try await container.install(next)
              for daemon in [first, second] {
                try await daemon.event(EventID.peerLeft) { $0["MCAST_HOST"] == "ups3" }
                // Longer than it takes to be silent.
                let count = daemon.lines.count { $0.contains(" host=ups3 ") }
                try await daemon.lines(count + 7, within: .seconds(20)) { $0.contains(" host=ups3 ") }
                #expect(daemon.events(EventID.peerLeft).count == 1)
                #expect(daemon.events(EventID.peerSilent) == [] && daemon.events(EventID.peerBack) == [])
                // By its address where it has an entry of its own.
                let told = daemon.toldPeers(EventID.peerDiscovered)
                #expect(told.count { $0 == "10.77.0.3" || $0 == "ups3" } == 1)
              }
            }
          }
        }
      }
    }

    @Test("an upgrade flips no state, and removal releases it", arguments: DebianRelease.tested)
    func states(release: DebianRelease) async throws {
      let (current, next) = try await (DebianPackage.current.value, DebianPackage.next.value)
      try await Container.running(on: release) { container in
        try await container.install(current)
        for state in ["fans", "lab-fans"] { try await container.enableAction(for: state) }
        try await container.enterFans(
          of: "mcastd", settings: "/etc/mcastd/mcastd.conf.d/state.conf", action: "fans")
        try await container.enterFans(
          of: "mcastd@lab", settings: "/etc/mcastd/lab.conf", "group=239.3.3.3\n", action: "lab-fans")
        let before = try await container.mainProcess()
        try await container.install(next)
        #expect(try await container.mainProcess() != before)
        for state in ["fans", "lab-fans"] { #expect(try await container.actions(of: state) == ["on"]) }
        try await container.apt("remove", "mcastd")
        for state in ["fans", "lab-fans"] {
          try await container.actions(of: state, are: ["on", "off"])
          let target = "mcastd-state@\(state).target"
          #expect(try await container.properties(of: target, "ActiveState") == ["ActiveState": "inactive"])
        }
      }
    }

    @Test(
      "an upgrade that moves the units from /lib to /usr/lib, a downgrade, and both again lose nothing",
      arguments: DebianRelease.tested)
    func unitsMove(release: DebianRelease) async throws {
      let (older, current) = try await (DebianPackage.older.value, DebianPackage.current.value)
      try await Container.running(on: release) { container in
        let before = try await container.files()
        var process = ""
        for (package, directory) in [
          (older, "/lib"), (current, "/usr/lib"), (older, "/lib"), (current, "/usr/lib"),
        ] {
          try await container.install(package)
          #expect(try await container.installedVersion() == package.version)
          // /lib is a link: by either name it is the same file, which dpkg must not have taken away.
          for unit in ["mcastd.service", "mcastd@.service"] {
            let path = "\(directory)/systemd/system/\(unit)"
            #expect(try await container.run("dpkg-query", "--search", path).lines == ["mcastd: \(path)"])
          }
          #expect(try await container.run("dpkg", "--verify", "mcastd").checked().text == "")
          #expect(try await container.run("stat", "--format=%F", "/lib").lines == ["symbolic link"])
          #expect(try await container.run("systemctl", "is-active", "mcastd").lines == ["active"])
          #expect(try await container.run("systemctl", "is-enabled", "mcastd").lines == ["enabled"])
          let restarted = try await container.mainProcess()
          #expect(restarted != process)
          process = restarted
        }
        try await container.apt("purge", "mcastd")
        #expect(try await container.files().symmetricDifference(before).sorted() == [])
      }
    }

    @Test(
      "removal keeps the configuration, it installs again, and a purge leaves nothing behind",
      arguments: DebianRelease.tested)
    func removal(release: DebianRelease) async throws {
      let package = try await DebianPackage.current.value
      try await Container.running(on: release) { container in
        let before = try await container.files()
        try await container.install(package)
        try await container.write("ttl=3\n", to: "/etc/mcastd/mcastd.conf")
        try await container.write("group=239.3.3.3\n", to: "/etc/mcastd/other.conf")
        try await container.systemctl("enable", "--now", "mcastd@other")
        // As of an mcastd-mqtt that was removed and not purged.
        try await container.write("[mqtt]\nsite=dc1\n", to: "/etc/mcastd/mqtt.conf")
        let sockets = ["mcastd-metrics.socket", "mcastd-report.socket"]
        for socket in sockets { try await container.systemctl("enable", "--now", socket) }

        try await container.apt("remove", "mcastd")
        #expect(try await container.run("systemctl", "list-sockets", "--no-legend", "mcastd*").text == "")
        let running = try await container.run("pgrep", "--exact", "mcastd")
        #expect(running.status == .exited(1), "\(running)")
        #expect(try await container.run("cat", "/etc/mcastd/mcastd.conf").lines == ["ttl=3"])
        #expect(try await !container.run("test", "-e", "/usr/bin/mcastd").succeeded)

        try await container.install(package)
        for unit in ["mcastd", "mcastd@other"] + sockets {
          #expect(try await container.run("systemctl", "is-active", unit).lines == ["active"], "\(unit)")
        }
        #expect(try await container.status().settings["ttl"]?.value == "3")

        try await container.apt("purge", "mcastd")
        #expect(try await container.run("ls", "/etc/mcastd").lines == ["mqtt.conf"])
        try await container.run("rm", "--recursive", "/etc/mcastd").checked()
        let after = try await container.files()
        #expect(after.subtracting(before).sorted() == [])
        #expect(before.subtracting(after).sorted() == [])
        #expect(try await container.run("getent", "passwd", "mcastd").status == .exited(2))
        #expect(try await container.run("getent", "group", "mcastd").status == .exited(2))
        for directory in ["mcastd", "mcastd-other"] {
          #expect(try await !container.run("test", "-e", "/run/\(directory)").succeeded)
        }
        let units = try await container.run(
          "systemctl", "list-units", "--all", "--plain", "--no-legend", "mcastd*")
        #expect(units.text == "")

        try await container.install(package)
        #expect(try await container.run("systemctl", "is-active", "mcastd").lines == ["active"])
        #expect(try await container.status().settings["ttl"]?.value == "1")
      }
    }
  }
}

extension Container {
  /// All files but dpkg's and apt's own notes, logs, manual pages' index, and what runs.
  fileprivate func files() async throws -> Set<String> {
    let list = """
      find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \
      -o -path /root -o -path /var/log -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt \
      -o -path /var/tmp \\) -prune -o -print
      """
    return Set(try await run("sh", "-c", list).checked().lines)
  }
}
