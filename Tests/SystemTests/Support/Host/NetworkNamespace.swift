// SPDX-License-Identifier: Apache-2.0

/// A host made of nothing but its network: `ip netns`, with lo up, on no wire yet.
final class NetworkNamespace: Sendable {
  let name: String
  /// What setns(2) and systemd-nspawn take.
  var path: String { "/run/netns/\(name)" }

  /// Makes one for the time of `body`; processes that are still in it then are killed.
  static func with<T>(_ body: (NetworkNamespace) async throws -> T) async throws -> T {
    let namespace = NetworkNamespace(name: try TestRun.current.get().uniqueName("net"))
    defer { removeNetworkNamespace(namespace.name) }
    try await ChildProcess.run(["ip", "netns", "add", namespace.name]).checked()
    try await namespace.ip("link", "set", "lo", "up")
    return try await body(namespace)
  }

  private init(name: String) {
    self.name = name
  }

  /// Runs ip(8) on this host.
  @discardableResult
  func ip(_ arguments: String...) async throws -> Output {
    try await ChildProcess.run(["ip", "-n", name] + arguments).checked()
  }

  /// Sends the groups that name no interface over `interface`. lo has no such route by itself.
  func routeMulticast(over interface: String) async throws {
    try await ip("route", "add", "224.0.0.0/4", "dev", interface)
  }

  /// `arguments` as it must be written to run on this host.
  private func inside(_ arguments: [String]) -> [String] {
    ["ip", "netns", "exec", name] + arguments
  }

  /// Runs a command on this host to its end.
  @discardableResult
  func run(
    _ arguments: String..., environment: [String: String] = [:], input: [UInt8] = [],
    within limit: Duration = .seconds(30)
  ) async throws -> Output {
    try await run(arguments, environment: environment, input: input, within: limit)
  }

  @discardableResult
  func run(
    _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = [],
    within limit: Duration = .seconds(30)
  ) async throws -> Output {
    try await ChildProcess.run(inside(arguments), environment: environment, input: input, within: limit)
  }

  /// Starts a command on this host, and leaves none behind.
  func running<T>(
    _ arguments: String..., environment: [String: String] = [:],
    _ body: (ChildProcess) async throws -> T
  ) async throws -> T {
    try await running(arguments, environment: environment, body)
  }

  func running<T>(
    _ arguments: [String], environment: [String: String] = [:], _ body: (ChildProcess) async throws -> T
  ) async throws -> T {
    try await ChildProcess.running(inside(arguments), environment: environment, body)
  }

  /// Starts one of the test's own Python programs on this host, and leaves none behind.
  @discardableResult
  func peer<T>(
    _ name: String, _ arguments: String..., body: (ChildProcess) async throws -> T
  ) async throws -> T {
    try await ChildProcess.running(inside(["python3", "-u", Repository.peer(name)] + arguments), body)
  }
}

extension NetworkNamespace {
  /// Waits until duplicate address detection on eth0 is through (RFC 4862, section 5.4).
  func settledAddresses() async throws {
    try await eventually("no tentative address on \(name)", within: .seconds(5)) {
      let all = try await ip("-6", "address", "show", "dev", "eth0").text
      return all.contains("fe80:") && !all.contains("tentative") ? true : nil
    }
  }
}
