// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Daemon

struct DropBaselineTests {
  @Test("what was written is read back for the same socket, and for no other")
  func cookie() throws {
    let directory = try TemporaryDirectory()
    var baseline = DropBaseline(directory: directory.path)
    #expect(baseline.read(cookie: 7) == nil)
    baseline.write(cookie: 7, drops: 42)
    #expect(baseline.read(cookie: 7) == 42)
    #expect(baseline.read(cookie: 8) == nil)
    #expect(DropBaseline(directory: directory.path).read(cookie: 7) == 42)
    baseline.write(cookie: .max, drops: .max)
    #expect(baseline.read(cookie: .max) == .max)
    #expect(baseline.read(cookie: 7) == nil)
  }

  @Test(
    "a file that is not ours counts as none",
    arguments: ["", "7", "7 x", "7 -1", "7 4294967296", "7 1 1", "\0"])
  func garbage(text: String) throws {
    let directory = try TemporaryDirectory()
    let file = try #require(fopen(directory.path + "/receiver-drops", "w"))
    fwrite(text, 1, text.utf8.count, file)
    fclose(file)
    #expect(DropBaseline(directory: directory.path).read(cookie: 7) == nil)
  }

  @Test("without a directory, or with one that is gone, nothing is kept and nothing fails")
  func nowhere() {
    for directory in [nil, "/nonexistent/mcastd"] {
      var baseline = DropBaseline(directory: directory)
      baseline.write(cookie: 7, drops: 42)
      #expect(baseline.read(cookie: 7) == nil)
    }
  }
}

struct ControlSocketTests {
  /// The environment belongs to the process.
  @Test("an instance has a directory of its own, and a name given is one that is meant")
  func paths() async {
    await #expect(processExitsWith: .success) {
      unsetenv("RUNTIME_DIRECTORY")
      #expect(ControlSocket.path(instance: nil) == "/run/mcastd/io.mcastd")
      #expect(ControlSocket.path(instance: "lab") == "/run/mcastd-lab/io.mcastd")
      #expect(ControlSocket.runtimeDirectory() == nil)
      setenv("RUNTIME_DIRECTORY", "/run/mcastd-x:/run/other", 1)
      #expect(ControlSocket.runtimeDirectory() == "/run/mcastd-x")
      #expect(ControlSocket.path(instance: nil) == "/run/mcastd-x/io.mcastd")
      #expect(ControlSocket.path(instance: "lab") == "/run/mcastd-lab/io.mcastd")
      setenv("RUNTIME_DIRECTORY", "", 1)
      #expect(ControlSocket.path(instance: nil) == "/run/mcastd/io.mcastd")
    }
  }
}
