// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What systemd would give a daemon as $RUNTIME_DIRECTORY.
enum RuntimeDirectory {
  static func with<T>(_ body: (String) async throws -> T) async throws -> T {
    let run = try TestRun.current.get()
    let path = "\(run.directory)/\(run.uniqueName("runtime"))"
    mkdir(path, 0o755)
    defer { clearAway(prefix: "mcastd-no-such-prefix-", directory: path) }
    return try await body(path)
  }
}
