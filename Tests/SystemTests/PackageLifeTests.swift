// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// Upgrade, removal and what is left; each in a container of its own.
  struct PackageLifeTests {
    @Test("an upgrade under 500 datagrams a second loses none, and instances get the new program too")
    func upgrade() async throws {
      let (current, next) = try await (DebianPackage.current.value, DebianPackage.next.value)
      try await Container.running { container in
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

    @Test("removal keeps the configuration, it installs again, and a purge leaves nothing behind")
    func removal() async throws {
      let package = try await DebianPackage.current.value
      try await Container.running { container in
        // Not the package's: dpkg's and apt's own notes, logs, manual pages' index, and what runs.
        let list = """
          find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \
          -o -path /root -o -path /var/log -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt \
          -o -path /var/tmp \\) -prune -o -print | sort
          """
        let before = Set(try await container.run("sh", "-c", list).checked().lines)
        try await container.install(package)
        try await container.write("ttl=3\n", to: "/etc/mcastd/mcastd.conf")
        try await container.write("group=239.3.3.3\n", to: "/etc/mcastd/other.conf")
        try await container.systemctl("enable", "--now", "mcastd@other")

        try await container.apt("remove", "mcastd")
        let running = try await container.run("pgrep", "--exact", "mcastd")
        #expect(running.status == .exited(1), "\(running)")
        #expect(try await container.run("cat", "/etc/mcastd/mcastd.conf").lines == ["ttl=3"])
        #expect(try await !container.run("test", "-e", "/usr/bin/mcastd").succeeded)

        try await container.install(package)
        for unit in ["mcastd", "mcastd@other"] {
          #expect(try await container.run("systemctl", "is-active", unit).lines == ["active"], "\(unit)")
        }
        #expect(try await container.status().settings["ttl"]?.value == "3")

        try await container.apt("purge", "mcastd")
        let after = Set(try await container.run("sh", "-c", list).checked().lines)
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
