// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Control

struct ControlSocketTests {
  /// The environment belongs to the process.
  @Test("each instance has its own directory, and a named one overrides RUNTIME_DIRECTORY")
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
