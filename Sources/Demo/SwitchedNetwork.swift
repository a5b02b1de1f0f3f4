// SPDX-License-Identifier: Apache-2.0

import Platform

/// A network namespace for each host, and a virtual cable (veth(4)) from it to a bridge, the switch, in
/// another one. All of it goes when the process ends.
struct SwitchedNetwork: DemoNetwork {
  private static let paths = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"]
  private static let bridge = "switch"

  /// Where the switch is, and this process.
  private let home: DemoNamespace
  private let namespaces: [String: DemoNamespace]

  let interface = "eth0"
  let showsCutOff = true
  let description =
    "Five hosts, each in a network namespace of its own, with a cable to one switch. Nothing leaves this "
    + "machine."

  /// Moves this process into a new network namespace, and makes the network there.
  ///
  /// - Throws: where there can be none. This process may be in another namespace then, where lo is up.
  init(hosts: [String]) throws(DemoFailure) {
    // Before anything is changed.
    try Self.ip("-Version")
    home = try withSystem { () throws(FileFailure) in try DemoNamespace.enterNew() }
    try Self.ip("link", "set", "lo", "up")
    // A bridge that looks into IGMP waits for a querier, and is none itself.
    try Self.ip("link", "add", Self.bridge, "up", "type", "bridge", "mcast_snooping", "0")
    var namespaces: [String: DemoNamespace] = [:]
    for (index, host) in hosts.enumerated() {
      namespaces[host] = try Self.connect(host, address: "10.77.0.\(index + 1)/24", home: home)
    }
    self.namespaces = namespaces
  }

  private static func connect(
    _ host: String, address: String, home: DemoNamespace
  ) throws(DemoFailure) -> DemoNamespace {
    let namespace = try withSystem { () throws(FileFailure) in try DemoNamespace.enterNew() }
    try enter(home)
    try ip(
      "link", "add", host, "up", "master", bridge, "type", "veth", "peer", "eth0", "netns", namespace.path)
    try enter(namespace)
    try ip("link", "set", "lo", "up")
    try ip("address", "add", address, "dev", "eth0")
    try ip("link", "set", "eth0", "up")
    try enter(home)
    return namespace
  }

  func on(_ host: DemoHost, _ body: () throws(DemoFailure) -> Void) throws(DemoFailure) {
    guard let namespace = namespaces[host.name] else { return }
    try Self.enter(namespace)
    try body()
    try Self.enter(home)
  }

  func set(_ host: DemoHost, isConnected: Bool) throws(DemoFailure) {
    try Self.ip("link", "set", host.name, isConnected ? "up" : "down")
  }

  func set(_ hosts: [DemoHost], areConnected: Bool) throws(DemoFailure) {
    try Self.ip("link", "set", Self.bridge, areConnected ? "up" : "down")
  }

  private static func enter(_ namespace: DemoNamespace) throws(DemoFailure) {
    try withSystem { () throws(FileFailure) in try namespace.enter() }
  }

  private static func ip(_ arguments: String...) throws(DemoFailure) {
    let command = (["ip"] + arguments).joined(separator: " ")
    do throws(CommandOutput.Failure) {
      _ = try CommandOutput.read(paths, arguments)
    } catch {
      switch error {
      case .notInstalled: throw .command(command, message: "it is not installed (package iproute2)")
      case .failed(_, let message): throw .command(command, message: message)
      case .notStarted(let failure): throw .system(failure)
      case .gaveUp: throw .command(command, message: "it did not end")
      }
    }
  }
}
