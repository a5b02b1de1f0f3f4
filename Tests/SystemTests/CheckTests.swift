// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// `mcastd check`, and a start, with a file that is not as it should be.
  struct CheckTests {
    @Test("a line that is ignored is an error, told with its section and the one to which it belongs")
    func ignored() async throws {
      try await withFile("#port=5001\n[peers]\nmax=77\ngroup=239.2.2.2\n") { host, path in
        let check = try await host.run(Repository.binary, "check", "--config", path)
        #expect(check.status == .exited(78))
        #expect(
          check.errorLines == [
            "mcastd: error: \(path):4: group is ignored in [peers]; it belongs before the first section"
          ])
        #expect(check.lines.first { $0.hasPrefix("group ") }?.contains("239.1.1.1") == true)
      }
    }

    @Test("the file as it is shipped, with a line appended, is right and holds")
    func appended() async throws {
      try await NetworkNamespace.with { host in
        let output = try await host.run(
          "sh", "-c",
          #"cp "$1" "$2" && echo group=239.2.2.2 >>"$2" && "$0" check --config "$2"; s=$?; rm "$2"; exit $s"#,
          Repository.binary, Repository.path("/packaging/mcastd.conf"),
          "\(try TestRun.current.get().directory)/appended.conf")
        #expect(output.status == .exited(0), "\(output)")
        #expect(output.errorText.isEmpty)
        #expect(output.lines.first { $0.hasPrefix("group ") }?.contains("239.2.2.2") == true)
      }
    }

    @Test("every error has a line, at a check and at a start")
    func everyError() async throws {
      try await withFile("port=0\nttl=999\nnonsense\n[log]\nrate=\"5\"\n") { host, path in
        for command in ["check", "run", "watch", "doctor"] {
          let output = try await host.run(Repository.binary, command, "--config", path)
          #expect(output.status == .exited(78), "\(output)")
          let places = output.errorLines.compactMap {
            $0.firstMatch(of: #/^mcastd: error: .*:(\d):|^error: .*:(\d):/#)
          }
          #expect(output.errorLines.count == 4, "\(output)")
          #expect(command == "run" || places.map { $0.1 ?? $0.2 } == ["3", "1", "2", "5"], "\(output)")
        }
      }
    }

    @Test("a file of readings that cannot be said is named with what is wrong")
    func readings() async throws {
      let directory = "\(try TestRun.current.get().directory)/readings.d"
      try await NetworkNamespace.with { host in
        let output = try await host.run(
          "sh", "-c",
          #"mkdir "$1" && cd "$1" && echo OL >ups.status && mkdir a.b && echo x >UPS && mkfifo f.f && "#
            + #"ln -s /no c.d && "$0" check --readings-directory "$1" --name a; s=$?; rm -r "$1"; exit $s"#,
          Repository.binary, directory)
        #expect(output.status == .exited(78), "\(output)")
        #expect(output.errorLines.count == 4, "\(output)")
        for (kind, name) in [("error", "UPS"), ("error", "a.b"), ("error", "f.f"), ("warning", "c.d")] {
          let line = "mcastd: \(kind): reading not said: \(directory)/\(name): "
          #expect(output.errorLines.contains { $0.hasPrefix(line) }, "\(line)")
        }
      }
    }

    @Test("a variable that nobody knows is a warning and no error")
    func variable() async throws {
      try await NetworkNamespace.with { host in
        let check = try await host.run(Repository.binary, "check", environment: ["MCASTD_GRUOP": "239.2.2.2"])
        #expect(check.status == .exited(0))
        #expect(
          check.errorLines == [
            "mcastd: warning: unknown variable MCASTD_GRUOP in the environment is ignored; did you mean MCASTD_GROUP?"
          ])
      }
    }

    private func withFile(_ text: String, _ body: (NetworkNamespace, String) async throws -> Void)
      async throws
    {
      try await RuntimeDirectory.with { directory in
        let path = "\(directory)/mcastd.conf"
        try await ChildProcess.run(["dd", "status=none", "of=\(path)"], input: Array(text.utf8)).checked()
        try await NetworkNamespace.with { try await body($0, path) }
      }
    }
  }
}
