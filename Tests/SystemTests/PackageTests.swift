// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension SystemTests {
  /// What an operator finds after `apt install ./mcastd_*.deb` on a machine without Swift, on each release.
  @Suite("the package on Debian 12 and 13", .package)
  struct PackageTests {
    @Test("the container is the release that the tests name", arguments: DebianRelease.tested)
    func release(release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      let system = try await container.run("cat", "/usr/lib/os-release").checked().lines
      #expect(system.contains(#"VERSION_ID="\#(release.number)""#), "\(system)")
    }

    @Test(
      "the service is active, and its first beat was in the journal within 2 s",
      arguments: DebianRelease.tested)
    func active(release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      #expect(try await container.run("systemctl", "is-active", "mcastd").lines == ["active"])
      #expect(try await container.run("systemctl", "is-enabled", "mcastd").lines == ["enabled"])
      let state = try await container.properties("ExecMainStartTimestampMonotonic", "NRestarts")
      #expect(state["NRestarts"] == "0")
      let started = try #require(state["ExecMainStartTimestampMonotonic"].flatMap(Int.init))
      let beats = try await container.entries(1, "--unit=mcastd", "MCAST_KIND=heartbeat")
      let first = try #require(beats.first?["__MONOTONIC_TIMESTAMP"].flatMap(Int.init))
      #expect(first - started < 2_000_000)
    }

    @Test("journalctl -x explains its entries", arguments: DebianRelease.tested)
    func catalog(release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      let text = try await container.run(
        "journalctl", "-x", "--no-pager", "--unit=mcastd", "SYSLOG_IDENTIFIER=mcastd"
      )
      .checked().text
      #expect(text.contains("Subject: mcastd started on the group 239.1.1.1, port 5001"))
      // Datagrams are not explained one by one.
      #expect(text.contains(" from 127.0.0.1:") && !text.contains("Subject: A datagram"))
      #expect(text.contains("Documentation: man:mcastd(8)"))
    }

    @Test(
      "man pages render without warnings",
      arguments: [
        ("mcastd", "mcastd(8)"), ("mcastd.conf", "mcastd.conf(5)"), ("mcastd.rule", "mcastd.rule(5)"),
      ], DebianRelease.tested)
    func manual(page: (name: String, title: String), release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      let output = try await container.run(
        "man", "--warnings", page.name, environment: ["MANWIDTH": "80", "PAGER": "cat"]
      )
      .checked()
      #expect(output.errorText == "")
      #expect(output.lines.first?.hasPrefix(page.title) == true, "\(output)")
      #expect(output.lines.last?.contains(try await DebianPackage.current.value.version) == true)
    }

    @Test("completions are where the shells look", arguments: DebianRelease.tested)
    func completions(release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      let share = "/usr/share"
      let bash = "source \(share)/bash-completion/completions/mcastd && complete -p mcastd"
      #expect(try await container.run("bash", "-c", bash).checked().text.contains("mcastd"))
      let zsh = lines(of: "\(container.root)\(share)/zsh/vendor-completions/_mcastd")
      #expect(zsh.first == "#compdef mcastd")
      let fish = lines(of: "\(container.root)\(share)/fish/vendor_completions.d/mcastd.fish")
      #expect(fish.contains { $0.contains("complete -c 'mcastd'") || $0.contains("complete -c mcastd") })
    }

    @Test(
      "systemd-analyze verify has nothing to say, man pages included",
      arguments: ["mcastd", "mcastd@"], DebianRelease.tested)
    func verify(unit: String, release: DebianRelease) async throws {
      let output = try await Container.packaged(on: release).run(
        "systemd-analyze", "verify", "/usr/lib/systemd/system/\(unit).service")
      #expect(output.succeeded)
      #expect(output.text + output.errorText == "")
    }

    @Test("the running unit's exposure is at most 1.1", arguments: DebianRelease.tested)
    func exposure(release: DebianRelease) async throws {
      let output = try await Container.packaged(on: release).run(
        "systemd-analyze", "security", "--no-pager", "--threshold=11", "mcastd.service")
      #expect(output.succeeded, "\(output)")
    }

    @Test("program, package and daemon have one version", arguments: DebianRelease.tested)
    func version(release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      let version = try await DebianPackage.current.value.version
      #expect(try await container.run("mcastd", "--version").checked().lines == [version])
      #expect(try await container.installedVersion() == version)
      #expect(try await container.status().version == version)
    }

    @Test("it needs libsystemd, libsodium and the C libraries, and nothing else")
    func dependencies() async throws {
      let path = try await DebianPackage.current.value.path
      let output = try await ChildProcess.run(["dpkg-deb", "--field", path, "Depends"]).checked()
      let names = output.lines.joined().split(separator: ",").map {
        $0.split(separator: "|")[0].split(separator: " ")[0]
      }
      // systemd because of its systemd-sysusers.
      #expect(
        Set(names) == ["libc6", "libgcc-s1", "libsodium23", "libstdc++6", "libsystemd0", "systemd"],
        "\(output)")
    }

    @Test("it recommends ip, and polkitd, which allows what the package's rule says")
    func recommendations() async throws {
      let path = try await DebianPackage.current.value.path
      #expect(
        try await ChildProcess.run(["dpkg-deb", "--field", path, "Recommends"]).checked().lines
          == ["iproute2, polkitd"]
      )
      let container = try Container.packaged(on: .machine)
      #expect(
        lines(of: "\(container.root)/usr/share/polkit-1/rules.d/50-mcastd.rules")
          == lines(of: Repository.path("/systemd/50-mcastd.rules")))
    }

    @Test("the program takes at most 21 MB, and the package 6 MB")
    func size() async throws {
      let program = try #require(fileSize(try Container.packaged(on: .machine).root + "/usr/bin/mcastd"))
      #expect(program <= 21_000_000)
      #expect(try #require(fileSize(try await DebianPackage.current.value.path)) <= 6_000_000)
    }

    @Test("the release's own lintian has nothing to say", arguments: DebianRelease.tested)
    func lintian(release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      let path = "/root/lintian.deb"
      try await container.put(try await DebianPackage.current.value.path, at: path)
      let output = try await container.run(
        "lintian", "--allow-root", "--tag-display-limit", "0", "--fail-on", "error,warning", path,
        within: .seconds(120))
      #expect(output.succeeded)
      #expect(output.text + output.errorText == "")
    }

    @Test(
      "the configuration file that comes with it says what the defaults are",
      arguments: DebianRelease.tested)
    func defaults(release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      // A file that is named is read, whatever daemon runs.
      let check = try await container.run("mcastd", "check", "--config", "/etc/mcastd/mcastd.conf").checked()
      #expect(check.errorText == "")
      #expect(check.lines.allSatisfy { $0.contains("default") }, "\(check)")
      let conffiles = try await container.run("dpkg-query", "--show", "--showformat=${Conffiles}", "mcastd")
      #expect(conffiles.lines.map { $0.split(separator: " ").first } == ["/etc/mcastd/mcastd.conf"])
    }

    @Test("mcastd@NAME has its own configuration and its own socket", arguments: DebianRelease.tested)
    func instance(release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      try await container.write("group=239.3.3.3\nport=5003\n", to: "/etc/mcastd/other.conf")
      try await container.systemctl("enable", "--now", "mcastd@other")
      #expect(
        try await container.run("stat", "--format=%a %F", "/run/mcastd-other/io.mcastd").lines == [
          "666 socket"
        ])
      let other = try #require(try await container.status("--instance", "other").memberships.first)
      #expect(other.group == "239.3.3.3" && other.port == 5003)
      #expect(try await container.status().memberships.first?.group == "239.1.1.1")
      // A reload reaches this one alone.
      try await container.write("group=239.3.3.3\nport=5003\nttl=3\n", to: "/etc/mcastd/other.conf")
      try await container.systemctl("reload", "mcastd@other")
      #expect(try await container.status("--instance", "other").settings["ttl"]?.value == "3")
      #expect(try await container.status().settings["ttl"]?.value == "1")
      try await container.systemctl("disable", "--now", "mcastd@other")
      try await container.run("rm", "/etc/mcastd/other.conf").checked()
    }
  }
}

/// In bytes; nil where there is none.
private func fileSize(_ path: String) -> Int? {
  var information = stat()
  return stat(path, &information) == 0 ? Int(information.st_size) : nil
}

extension Container {
  func installedVersion() async throws -> String {
    try await run("dpkg-query", "--show", "--showformat=${Version}", "mcastd").checked().text
  }
}
