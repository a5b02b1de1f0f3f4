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
    try baseline.write(cookie: 7, drops: 42)
    #expect(baseline.read(cookie: 7) == 42)
    #expect(baseline.read(cookie: 8) == nil)
    #expect(DropBaseline(directory: directory.path).read(cookie: 7) == 42)
    try baseline.write(cookie: .max, drops: .max)
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

  @Test("without a directory nothing is kept, and one that is gone is a failure that names it")
  func nowhere() throws {
    var nowhere = DropBaseline(directory: nil)
    try nowhere.write(cookie: 7, drops: 42)
    #expect(nowhere.read(cookie: 7) == nil)
    var gone = DropBaseline(directory: "/nonexistent/mcastd")
    let failure = FileFailure(call: "open", path: "/nonexistent/mcastd/receiver-drops.new", errno: ENOENT)
    #expect(throws: failure) { () throws in try gone.write(cookie: 7, drops: 42) }
    #expect(gone.read(cookie: 7) == nil)
  }

  @Test("a failure is said once, and so is its end")
  func health() {
    var health = FileHealth()
    let failure = FileFailure(call: "open", path: "/run/x", errno: ENOSPC)
    let said = [nil, failure, failure, nil, nil, failure].map { health.note($0) }
    #expect(said == [nil, .failing(failure), nil, .recovered, nil, .failing(failure)])
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
