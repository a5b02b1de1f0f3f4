// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// What an operator does with the daemon inside.
extension Container {
  /// Puts mcastd in place as a package would: binary, units, user, catalog, polkit's rule.
  func install() async throws {
    try await put(Repository.binary, at: "/usr/bin/mcastd", mode: "0755")
    let systemd = Repository.path("/systemd")
    for unit in ["mcastd.service", "mcastd@.service", "mcastd-state@.target"] {
      try await put("\(systemd)/\(unit)", at: "/usr/lib/systemd/system/\(unit)")
    }
    try await put("\(systemd)/release-states", at: "/usr/lib/mcastd/release-states", mode: "0755")
    try await put("\(systemd)/50-mcastd.rules", at: "/usr/share/polkit-1/rules.d/50-mcastd.rules")
    try await put("\(systemd)/mcastd.sysusers", at: "/usr/lib/sysusers.d/mcastd.conf")
    try await run("systemd-sysusers").checked()
    try await put("\(systemd)/mcastd.catalog", at: "/usr/lib/systemd/catalog/mcastd.catalog")
    try await run("journalctl", "--update-catalog").checked()
    try await systemctl("daemon-reload")
  }

  /// Copies a file of this machine into the container.
  func put(_ source: String, at path: String, mode: String = "0644") async throws {
    try await ChildProcess.run(["install", "-D", "-m", mode, source, root + path]).checked()
  }

  func write(_ text: String, to path: String) async throws {
    try await run("install", "-D", "/dev/stdin", path, "-m", "0644", input: Array(text.utf8)).checked()
  }

  /// - Throws: ``CommandFailed``.
  @discardableResult
  func systemctl(_ arguments: String..., within limit: Duration = .seconds(30)) async throws -> Output {
    let process = try ChildProcess(inside(["systemctl"] + arguments))
    return try await process.exit(within: limit).checked()
  }

  /// A unit's properties, as `systemctl show` gives them.
  func properties(of unit: String = "mcastd.service", _ names: String...) async throws -> [String: String] {
    let output = try await run("systemctl", "show", unit, "--property=\(names.joined(separator: ","))")
      .checked()
    return output.lines.reduce(into: [:]) { properties, line in
      guard let equals = line.firstIndex(of: "=") else { return }
      properties[String(line[..<equals])] = String(line[line.index(after: equals)...])
    }
  }

  /// Waits until a property is as wanted, and returns it.
  @discardableResult
  func property(
    _ name: String, of unit: String = "mcastd.service", within limit: Duration = .seconds(10),
    where isWanted: (String) -> Bool
  ) async throws -> String {
    try await eventually("\(name) of \(unit)", within: limit) {
      try await properties(of: unit, name)[name].flatMap { isWanted($0) ? $0 : nil }
    }
  }

  /// Runs `body` with a drop-in in place for the unit, and takes it away afterwards. The unit is stopped
  /// before and after, so that each test starts from nothing.
  func withDropIn<T>(_ text: String, _ body: () async throws -> T) async throws -> T {
    let path = "/etc/systemd/system/mcastd.service.d/test.conf"
    func take() async throws {
      try await systemctl("stop", "mcastd")
      try await run("rm", "-f", path).checked()
      try await run("systemctl", "reset-failed", "mcastd")
      try await systemctl("daemon-reload")
    }
    try await systemctl("stop", "mcastd")
    try await write("[Service]\n\(text)\n", to: path)
    try await systemctl("daemon-reload")
    let result: T
    do {
      result = try await body()
    } catch {
      try? await take()
      throw error
    }
    try await take()
    return result
  }
}
