// SPDX-License-Identifier: Apache-2.0

import Platform

/// Which interfaces a choice means right now. A pure function of what the kernel showed.
package enum InterfaceSelection {
  /// The interfaces to join and to send on, each once: in the order of the configuration, or one for `automatic`.
  ///
  /// `automatic` is where the route to the group leads, else the first interface that is up and multicast-capable,
  /// else lo. "First" prefers what could carry the group today: a carrier, then an address of the group's family,
  /// then the lowest index. lo is taken only while there is nothing else, whatever the route says, and a port of a
  /// bridge never, because the bridge takes its traffic.
  ///
  /// - Parameters:
  ///   - interfaces: all that there are.
  ///   - ports: the indices of those that are ports of a bridge or bond (`InterfaceTable.ports`).
  ///   - route: the index of the interface that the route to the group leads to (`RouteQuery`).
  /// - Returns: empty when nothing fits: what to wait for. A listed interface that is down is returned, because
  ///   it can be joined on.
  package static func resolve(
    _ choice: InterfaceChoice, group: IPAddress, interfaces: [NetworkInterface], ports: Set<UInt32> = [],
    route: UInt32?
  ) -> [NetworkInterface] {
    switch choice {
    case .automatic:
      return automatic(group: group, interfaces: interfaces, ports: ports, route: route).map { [$0] } ?? []
    case .listed(let references):
      var seen: Set<UInt32> = []
      return references.compactMap { reference in
        interfaces.first(where: reference.matches).flatMap { seen.insert($0.index).inserted ? $0 : nil }
      }
    }
  }

  /// `resolve` over a whole table.
  package static func resolve(
    _ choice: InterfaceChoice, group: IPAddress, table: InterfaceTable, route: UInt32?
  ) -> [NetworkInterface] {
    resolve(choice, group: group, interfaces: table.interfaces, ports: table.ports, route: route)
  }

  /// The references of a listed choice that nothing answers to.
  package static func missing(
    _ choice: InterfaceChoice, interfaces: [NetworkInterface]
  ) -> [InterfaceReference] {
    guard case .listed(let references) = choice else { return [] }
    return references.filter { !interfaces.contains(where: $0.matches) }
  }

  private static func automatic(
    group: IPAddress, interfaces: [NetworkInterface], ports: Set<UInt32>, route: UInt32?
  ) -> NetworkInterface? {
    let up = interfaces.filter { $0.isUp && !ports.contains($0.index) }
    let real = up.filter { !$0.isLoopback }
    let routed = real.first { $0.index == route }
    if let routed, routed.isMulticastCapable { return routed }
    // A lower rank is better; min(by:) keeps the first of equals, and the list is by index.
    let first = real.filter(\.isMulticastCapable).sorted { $0.index < $1.index }
      .min { rank($0, for: group) < rank($1, for: group) }
    return first ?? routed ?? up.first(where: \.isLoopback)
  }

  private static func rank(_ interface: NetworkInterface, for group: IPAddress) -> Int {
    let hasAddress = interface.addresses.contains { $0.family == group.family }
    return (interface.isRunning ? 0 : 2) + (hasAddress ? 0 : 1)
  }
}

extension InterfaceReference {
  /// Whether it points at `interface` as it is now.
  package func matches(_ interface: NetworkInterface) -> Bool {
    switch self {
    case .name(let name): interface.name == name || interface.alternativeNames.contains(name)
    case .address(let address): interface.addresses.contains(address)
    }
  }
}
