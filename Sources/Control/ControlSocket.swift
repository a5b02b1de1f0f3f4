// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Paths of control sockets.
package enum ControlSocket {
  private static let file = "io.mcastd"

  /// $RUNTIME_DIRECTORY, which systemd sets for RuntimeDirectory= (systemd.exec(5)); the first, if there are
  /// several.
  package static func runtimeDirectory() -> String? {
    guard let value = getenv("RUNTIME_DIRECTORY") else { return nil }
    return String(cString: value).split(separator: ":").first.map(String.init)
  }

  /// The socket in a runtime directory.
  package static func path(in directory: String) -> String { "\(directory)/\(file)" }

  /// The runtime directory that a socket is in; nil for a path without a directory.
  package static func directory(of path: String) -> String? {
    path.lastIndex(of: "/").map { String(path[..<$0]) }
  }

  /// The socket that a client connects to.
  ///
  /// - Parameter instance: NAME of `mcastd@NAME.service`; nil for `mcastd.service`.
  package static func path(instance: String?) -> String {
    // A client that systemd runs for a unit (ExecReload=) talks to that unit's daemon.
    if instance == nil, let directory = runtimeDirectory() { return path(in: directory) }
    return path(in: instance.map { "/run/mcastd-\($0)" } ?? "/run/mcastd")
  }

  /// The unit of the daemon that listens there: `mcastd@lab` for `/run/mcastd-lab/io.mcastd`; nil for other
  /// places.
  package static func unit(at path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0].isEmpty, parts[1] == "run", parts[3] == file else { return nil }
    if parts[2] == "mcastd" { return "mcastd" }
    guard parts[2].hasPrefix("mcastd-") else { return nil }
    return "mcastd@" + parts[2].dropFirst("mcastd-".count)
  }
}
