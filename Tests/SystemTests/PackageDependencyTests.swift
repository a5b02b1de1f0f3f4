// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// What the scripts in `packaging/` install.
  @Suite("dependencies on Debian 12 and 13")
  struct PackageDependencyTests {
    @Test(
      "what is installed, also by another package's Provides, is not installed again; what is not there is",
      arguments: DebianRelease.tested)
    func provided(release: DebianRelease) async throws {
      try await Container.running(on: release) { container in
        let script = "/root/install-packages"
        try await container.put(Repository.path("/packaging/install-packages"), at: script, mode: "0755")
        // awk is mawk's; Debian 13 has libssl3t64, which provides libssl3.
        let present = ["dpkg", "awk"] + (release == .trixie ? ["libssl3"] : [])
        for package in present {
          let output = try await container.run(script, package)
          #expect(output.succeeded)
          #expect(output.text + output.errorText == "", "\(package)")
        }
        // There is no network, no lists, and no source of any.
        try await container.run("rm", "-rf", "/etc/apt/sources.list", "/etc/apt/sources.list.d").checked()
        let output = try await container.run(script, "dpkg", "mcastd-dummy")
        #expect(output.status == .exited(1))
        #expect(output.errorText.contains("packaging: installing mcastd-dummy\n"), "\(output)")
      }
    }

    @Test("on a machine that has nothing yet they install all that building the package needs")
    func complete() async throws {
      let directory = try TestRun.current.get().directory + "/bare"
      // A machine without any package, whose apt-get notes what it is told to install.
      let fakes = """
        mkdir -p "$1/bin"
        printf '#!/bin/sh\\nexit 1\\n' >"$1/bin/dpkg-query"
        printf '#!/bin/sh\\n[ "$1" != install ] || printf "%%s\\\\n" "$@"\\n' >"$1/bin/apt-get"
        chmod +x "$1"/bin/*
        PATH=$1/bin:$PATH
        "$2/install-build-dependencies" 2>&1
        "$2/install-package-dependencies" 2>&1
        """
      let packaging = Repository.path("/packaging")
      let output = try await ChildProcess.run(["sh", "-c", fakes, "sh", directory, packaging]).checked()
      let installed = Set(output.lines)
      #expect(installed.contains("build-essential") && installed.contains("lintian"), "\(output)")

      let control = lines(of: "\(packaging)/debian/control")
      let needed = control.drop { $0 != "Build-Depends:" }.dropFirst().prefix { $0.hasPrefix(" ") }
        .map { String($0.dropFirst().prefix { $0 != " " && $0 != "," }) }
        // What debhelper provides.
        .map { $0 == "debhelper-compat" || $0.hasPrefix("dh-sequence-") ? "debhelper" : $0 }
      #expect(needed.count == 8)
      #expect(Set(needed).subtracting(installed) == [])
    }
  }
}
