// SPDX-License-Identifier: Apache-2.0

/// Cables that are plugged and pulled while a test runs.
extension Bridge {
  /// Lays a cable from the bridge to a host, as ``with(hosts:snooping:_:)`` does at the start.
  ///
  /// - Parameters:
  ///   - port: the bridge's end.
  ///   - address: with its prefix length; nil for none.
  func plug(_ host: NetworkNamespace, port: String, address: String?, interface: String = "eth0") async throws
  {
    try await namespace.batch(
      "link add \(port) type veth peer name \(interface) netns \(host.name)", "link set \(port) master br0 up"
    )
    let number = address.map { ["address add \($0) dev \(interface)"] } ?? []
    try await host.batch(number + ["link set \(interface) up"])
  }

  /// The bridge's end of a cable loses its plug, and the host its carrier; or gets it back.
  func setCarrier(_ isThere: Bool, port: String) async throws {
    try await namespace.ip("link", "set", port, isThere ? "up" : "down")
  }
}

extension NetworkNamespace {
  /// Several commands of ip(8), one after the other, in one process: closer together than processes can be.
  func batch(_ commands: String...) async throws { try await batch(commands) }

  func batch(_ commands: [String]) async throws {
    let input = commands.map { $0 + "\n" }.joined()
    try await ChildProcess.run(["ip", "-n", name, "-batch", "-"], input: Array(input.utf8)).checked()
  }
}
