// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// On which interfaces one direction (receiving or sending) should be active at present, and which interfaces
/// are not usable yet. Pure.
package struct InterfacePlan: Equatable, Sendable {
  /// Usable interfaces, each once, in order of configuration. For sending they only list the addresses usable
  /// as a source.
  package private(set) var usable: [NetworkInterface] = []
  /// For the operator: `eth0`, `eth0 (it is down)`.
  package private(set) var waitingFor: [String] = []
  /// Names of all configured interfaces, present or not; nil if they cannot be determined (`auto`, an address
  /// or an alternative name that no interface has).
  package private(set) var names: Set<String>? = []
  /// Configured references that match no interface.
  package private(set) var missing: [InterfaceReference] = []
  /// Names of the interfaces that the configured references match.
  package private(set) var found: [InterfaceReference: String] = [:]

  /// An empty plan, for a direction that is off.
  package init() {}

  /// - Parameters:
  ///   - isSending: whether the interfaces need a source address.
  ///   - route: index of the output interface of the route to the group.
  ///   - sources: source addresses in use, by interface index.
  ///   - former: `found` of the previous plan. An alternative name is removed with its interface, and then no
  ///     longer identifies it.
  package init(
    _ choice: InterfaceChoice, group: IPAddress, isSending: Bool, table: InterfaceTable, route: UInt32?,
    sources: [UInt32: IPAddress] = [:], former: [InterfaceReference: String] = [:]
  ) {
    let chosen = Self.chosen(choice, group: group, table: table, route: route)
    switch choice {
    case .automatic:
      names = nil
      if chosen.isEmpty { waitingFor.append("an interface") }
    case .listed(let references):
      missing = Self.missing(choice, in: table.interfaces)
      for reference in references {
        found[reference] = table.interfaces.first(where: reference.matches)?.name ?? former[reference]
      }
      for reference in missing {
        waitingFor.append("\(reference)")
        switch reference {
        case .name(let name) where name.utf8.count < Int(IFNAMSIZ) || found[reference] != nil:
          names?.formUnion([name, found[reference] ?? name])
        case .name, .address: names = nil
        }
      }
    }
    for choice in chosen {
      let entry = choice.entry
      names?.insert(entry.interface.name)
      let source = sources[entry.interface.index]
      if let reason = UnusableReason(
        entry, family: group.family, isSending: isSending, source: source)
      {
        let port = choice.ports.first.map { ", which \($0) is a port of" } ?? ""
        waitingFor.append("\(entry.interface.name)\(port) (it \(reason.text))")
      } else {
        var interface = entry.interface
        if isSending { interface.addresses.removeAll(where: entry.tentativeAddresses.contains) }
        usable.append(interface)
      }
    }
  }

  /// The plan for receiving with the interfaces and routes that the kernel has now.
  ///
  /// - Throws: `MulticastError.system` if they cannot be read.
  package static func receiving(
    _ group: IPAddress, on choice: InterfaceChoice
  ) throws(MulticastError) -> InterfacePlan {
    InterfacePlan(
      choice, group: group, isSending: false, table: try InterfaceTable.read(),
      route: try RouteQuery.interfaceIndex(for: choice, to: group))
  }

  /// The interfaces that a choice currently selects, usable or not: each once, with those of its ports that
  /// the configuration names.
  package static func chosen(
    _ choice: InterfaceChoice, group: IPAddress, table: InterfaceTable, route: UInt32?
  ) -> [(entry: InterfaceTable.Entry, ports: [String])] {
    var chosen: [(entry: InterfaceTable.Entry, ports: [String])] = []
    for interface in Self.resolve(
      choice, group: group, interfaces: table.interfaces, ports: table.ports, route: route)
    {
      guard let entry = follow(interface, in: table) else { continue }
      let ports = entry.interface.index == interface.index ? [] : [interface.name]
      if let place = chosen.firstIndex(where: { $0.entry.interface.index == entry.interface.index }) {
        chosen[place].ports += ports
      } else {
        chosen.append((entry, ports))
      }
    }
    return chosen
  }

  /// The bridge, bond or team takes the traffic of its ports before it reaches IP, so it replaces the port.
  private static func follow(_ interface: NetworkInterface, in table: InterfaceTable) -> InterfaceTable.Entry?
  {
    let ports = table.ports
    guard var entry = table[index: interface.index] else { return nil }
    // A bond may itself be a port of a bridge; the kernel nests at most 8 deep (MAX_NEST_DEV).
    for _ in 0..<8 {
      guard ports.contains(entry.interface.index), let master = entry.master.flatMap({ table[index: $0] })
      else {
        break
      }
      entry = master
    }
    return entry
  }
}

// Resolution of a choice to interfaces, before bridges and obstacles are considered.
extension InterfacePlan {
  /// The interfaces to join and to send on, each once: in order of configuration, or one for `automatic`.
  ///
  /// `automatic` selects the output interface of the route to the group, else the first interface that is up
  /// and multicast-capable, else lo. "First" prefers a carrier, then an address of the group's family, then
  /// the lowest index. lo is selected only if there is no other, whatever the route, and a port of a bridge
  /// never, because the bridge takes its traffic.
  ///
  /// - Parameters:
  ///   - interfaces: all interfaces.
  ///   - ports: indices of the ports of a bridge or bond (`InterfaceTable.ports`).
  ///   - route: index of the output interface of the route to the group (`RouteQuery`).
  /// - Returns: empty if no interface matches: the caller waits. A listed interface that is down is included,
  ///   because it can be joined on.
  static func resolve(
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

  /// References of a listed choice that match no interface.
  package static func missing(
    _ choice: InterfaceChoice, in interfaces: [NetworkInterface]
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
    // A lower rank is better; min(by:) returns the first of equals, and the list is ordered by index.
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
  /// Whether it matches `interface` in its current state.
  package func matches(_ interface: NetworkInterface) -> Bool {
    switch self {
    case .name(let name): interface.name == name || interface.alternativeNames.contains(name)
    case .address(let address): interface.addresses.contains(address)
    }
  }
}
