// SPDX-License-Identifier: Apache-2.0

/// Hosts on one wire: a bridge in a namespace of its own, and a cable to each.
struct Bridge: Sendable {
  /// Where the bridge `br0` itself is; the other end of host *n*'s cable is its port `port<n>`.
  let namespace: NetworkNamespace
  /// Each with an interface `eth0`, the address 10.77.0.*n* (counting from 1), and routes for all groups.
  let hosts: [NetworkNamespace]

  static func address(ofHost number: Int) -> String { "10.77.0.\(number)" }

  /// - Parameter snooping: whether the bridge learns who wants which group, as switches do. Off, it
  ///   forwards all multicast to everybody.
  static func with<T>(
    hosts count: Int, snooping: Bool = false, _ body: (Bridge) async throws -> T
  ) async throws -> T {
    try await NetworkNamespace.with { namespace in
      let snooping = snooping ? "1" : "0"
      try await namespace.ip("link", "add", "br0", "type", "bridge", "mcast_snooping", snooping)
      try await namespace.ip("link", "set", "br0", "up")
      return try await extend(Bridge(namespace: namespace, hosts: []), to: count, body)
    }
  }

  private static func extend<T>(
    _ bridge: Bridge, to count: Int, _ body: (Bridge) async throws -> T
  ) async throws -> T {
    guard bridge.hosts.count < count else { return try await body(bridge) }
    return try await NetworkNamespace.with { host in
      try await bridge.plugIn(host, as: bridge.hosts.count + 1)
      return try await extend(
        Bridge(namespace: bridge.namespace, hosts: bridge.hosts + [host]), to: count, body)
    }
  }

  private func plugIn(_ host: NetworkNamespace, as number: Int) async throws {
    let port = "port\(number)"
    try await namespace.ip(
      "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", host.name)
    try await namespace.ip("link", "set", port, "master", "br0", "up")
    try await host.ip("address", "add", "\(Self.address(ofHost: number))/24", "dev", "eth0")
    try await host.ip("link", "set", "eth0", "up")
    try await host.routeMulticast(over: "eth0")
  }
}
