// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension SystemTests {
  /// Output that cannot be written, and daemons that cannot be asked.
  struct OutputTests {
    @Test(
      "what nobody can read was not done: 74, and a word on standard error",
      arguments: [
        "--version", "--help", "help run", "--generate-completion-script bash", "check",
        "doctor --interface lo --wait 100ms --json", "doctor --interface lo --wait 100ms",
      ])
    func fullDevice(arguments: String) async throws {
      try await NetworkNamespace.with { host in
        for target in [">/dev/full", ">&-"] {
          let output = try await host.shell("exec '\(Repository.binary)' \(arguments) \(target)")
          #expect(output.status == .exited(74), "\(target) \(output)")
          #expect(output.errorText.contains("standard output"), "\(output)")
          #expect(output.text.isEmpty)
        }
      }
    }

    @Test("so do the commands that ask a daemon, and watch")
    func fullDeviceWithDaemon() async throws {
      try await RuntimeDirectory.with { directory in
        try await NetworkNamespace.with { host in
          let path = "\(directory)/control"
          try await host.foreground(path) { _ in
            for command in ["status", "status --json", "peers", "peers --json"] {
              for target in [">/dev/full", ">&-"] {
                let output = try await host.shell(
                  "exec '\(Repository.binary)' \(command) --control '\(path)' \(target)")
                #expect(output.status == .exited(74), "\(target) \(output)")
                #expect(output.errorLines.count == 1)
              }
            }
            for form in ["", "--json"] {
              let output = try await host.shell(
                "exec '\(Repository.binary)' watch --interface lo --for 20s \(form) >/dev/full")
              #expect(output.status == .exited(74), "\(output)")
            }
          }
        }
      }
    }

    @Test("run goes on, says so once, and ends with 74")
    func fullDeviceOfDaemon() async throws {
      try await NetworkNamespace.with { host in
        try await host.running(
          "sh", "-c", "exec '\(Repository.binary)' run --interface lo --interval 50ms >/dev/full"
        ) { daemon in
          try await daemon.errorLine { $0.contains("standard output") }
          daemon.send(signal: SIGTERM)
          let output = try await daemon.exit()
          #expect(output.status == .exited(74), "\(output)")
          #expect(output.errorLines.count { $0.contains("standard output") } == 1, "\(output)")
          #expect(output.errorText.contains(" 0 logged + "), "the ledger at the end: \(output)")
        }
      }
    }

    @Test("a reader that has had enough is no failure", arguments: ["--help", "check"])
    func closedPipe(arguments: String) async throws {
      try await NetworkNamespace.with { host in
        // Without SIGPIPE, as under systemd and Python: write(2) says EPIPE.
        let output = try await host.run(
          "python3", "-c",
          """
          import os, signal, subprocess, sys
          signal.signal(signal.SIGPIPE, signal.SIG_IGN)
          r, w = os.pipe()
          os.close(r)
          sys.exit(subprocess.run(sys.argv[1:], stdout=w, restore_signals=False).returncode)
          """, Repository.binary, arguments)
        #expect(output.status == .exited(0), "\(output)")
        #expect(output.errorText.isEmpty, "\(output)")
      }
    }

    @Test(
      "watch ends by a signal or its time though nobody takes its output",
      arguments: [SIGINT, SIGTERM, nil], [["--json"], []])
    func blocked(signal: Int32?, form: [String]) async throws {
      try await NetworkNamespace.with { host in
        // A pipe of 4096 bytes that is held open and never read.
        let program = """
          import fcntl, os, subprocess, sys
          r, w = os.pipe()
          fcntl.fcntl(w, 1031, 4096)
          watch = subprocess.Popen(sys.argv[1:], stdout=w)
          print(watch.pid, flush=True)
          sys.exit(watch.wait())
          """
        let options = ["--interface", "lo", "--for", signal == nil ? "3s" : "60s"] + form
        try await ChildProcess.running(
          ["ip", "netns", "exec", host.name, "python3", "-u", "-c", program, Repository.binary, "watch"]
            + options
        ) { watch in
          let line = try await watch.line { Int32($0) != nil }
          let process = try #require(Int32(line))
          let datagrams = String(repeating: String(repeating: "61", count: 1000) + "\n", count: 10)
          try await eventually("the pipe is full") {
            try await host.run("python3", Repository.peer("send"), input: Array(datagrams.utf8)).checked()
            // The thread that writes sleeps there.
            let waits = try await host.shell("cat /proc/\(process)/task/*/wchan")
            return waits.text.contains("pipe_w") ? true : nil
          }
          if let signal { kill(process, signal) }
          let output = try await watch.exit(within: .seconds(6))
          #expect(output.status == .exited(0), "\(output)")
        }
      }
    }

    @Test("a daemon that hangs is told from one that is not there, within 5 s and with 69")
    func hung() async throws {
      try await RuntimeDirectory.with { directory in
        try await NetworkNamespace.with { host in
          let path = "\(directory)/control"
          try await host.foreground(path) { daemon in
            daemon.send(signal: SIGSTOP)
            for command in ["status", "peers"] {
              let output = try await ChildProcess.run(
                ["ip", "netns", "exec", host.name, Repository.binary, command, "--control", path],
                within: .seconds(8))
              #expect(output.status == .exited(69), "\(output)")
              // Where there is none, how to start one is what it says.
              #expect(output.errorText.contains(path), "\(output)")
              #expect(!output.errorText.contains("systemctl start"), "\(output)")
            }
            daemon.send(signal: SIGCONT)
          }
        }
      }
    }

    @Test("a control socket that may not be connected to is 77")
    func forbidden() async throws {
      // Not in the tests' own directory, which nobody else may enter.
      let directory = try await ChildProcess.run(["mktemp", "-d", "/tmp/mcastd-control-XXXXXX"]).checked()
        .lines[0]
      let (program, path) = ("\(directory)/mcastd", "\(directory)/control")
      try await ChildProcess.run(["install", "-m", "755", Repository.binary, program]).checked()
      try await ChildProcess.run(["chmod", "711", directory]).checked()
      defer { for path in [path, program, directory] { remove(path) } }
      try await NetworkNamespace.with { host in
        try await host.foreground(path) { _ in
          func nobody(_ command: String) async throws -> Output {
            try await host.run(
              "setpriv", "--reuid=65534", "--clear-groups", program, command, "--control", path)
          }
          for (mode, status) in [("600", Int32(77)), ("666", 0)] {
            try await ChildProcess.run(["chmod", mode, path]).checked()
            for command in ["status", "peers"] {
              let output = try await nobody(command)
              #expect(output.status == .exited(status), "\(mode) \(output)")
            }
          }
          let reload = try await nobody("reload")
          #expect(reload.status == .exited(77), "\(reload)")
        }
      }
    }
  }
}

extension NetworkNamespace {
  fileprivate func shell(_ command: String) async throws -> Output { try await run("sh", "-c", command) }

  /// Runs a daemon on lo with its control socket at `path`.
  fileprivate func foreground(_ path: String, _ body: (ChildProcess) async throws -> Void) async throws {
    try await running(
      Repository.binary, "run", "--interface", "lo", "--interval", "100ms", "--control", path
    ) { daemon in
      try await daemon.line { $0.contains("ATU ") }
      try await body(daemon)
    }
  }
}
