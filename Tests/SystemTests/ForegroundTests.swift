// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension SystemTests {
  /// `mcastd run` at a terminal, on lo.
  struct ForegroundTests {
    @Test(
      "each beat is heard and printed, and a signal stops it cleanly",
      arguments: [SIGINT, SIGTERM])
    func beats(signal: Int32) async throws {
      try await NetworkNamespace.with { host in
        try await host.running(Repository.binary, "run", "--interface", "lo") { daemon in
          let lines = try await daemon.lines(3)
          for line in lines {
            let form =
              /received 30 bytes from 127\.0\.0\.1:\d+ on lo: ATU \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}/
            #expect(line.wholeMatch(of: form) != nil, "\(line)")
          }
          daemon.send(signal: signal)
          let output = try await daemon.exit()
          #expect(output.status == .exited(0))
          #expect(output.errorText.contains("received = "), "the ledger at the end: \(output.errorText)")
        }
      }
    }

    @Test("a configuration that cannot be is refused with 78 and one line that says why")
    func invalidPort() async throws {
      let output = try await ChildProcess.run(
        [Repository.binary, "run"], environment: ["MCASTD_PORT": "70000"])
      #expect(output.status == .exited(78))
      #expect(output.errorLines.count == 1, "\(output)")
      #expect(output.errorText.contains("MCASTD_PORT=70000"))
      #expect(output.errorText.contains("1–65535"))
    }

    @Test(
      "with too few file descriptors it says so with 71, and is not ended by a signal",
      arguments: [12, 20, 35])
    func fewDescriptors(limit: Int) async throws {
      try await NetworkNamespace.with { host in
        let output = try await host.run(
          "prlimit", "--nofile=\(limit)", Repository.binary, "run", "--interface", "lo")
        #expect(output.status == .exited(71), "\(output)")
        #expect(output.errorText.contains("LimitNOFILE="), "\(output)")
      }
    }

    @Test("a daemon that was told to do nothing says so with 78")
    func bothDirectionsOff() async throws {
      let output = try await ChildProcess.run(
        [Repository.binary, "run"],
        environment: ["MCASTD_PUBLISH_ENABLED": "no", "MCASTD_SUBSCRIBE_ENABLED": "no"])
      #expect(output.status == .exited(78))
      #expect(output.errorLines.count == 1, "\(output)")
    }

    @Test("an option that does not exist is a usage error, 64")
    func usage() async throws {
      let output = try await ChildProcess.run([Repository.binary, "run", "--no-such-option"])
      #expect(output.status == .exited(64))
    }

    @Test("check prints every value with its origin")
    func check() async throws {
      let output = try await ChildProcess.run(
        [Repository.binary, "check", "--port", "7007"], environment: ["MCASTD_GROUP": "239.7.7.7"])
      #expect(output.status == .exited(0), "\(output)")
      let line = { (text: String) in output.lines.first { $0.contains(text) } ?? "" }
      #expect(line("239.7.7.7").contains("MCASTD_GROUP"))
      #expect(line("7007").contains("--port"))
      #expect(line("ttl").contains("default"))
    }
  }
}
