// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// On which interfaces one direction (receiving or sending) should be in force as things are now, and what it
/// waits for. A pure value.
package struct InterfacePlan: Equatable, Sendable {
  /// To be used now, each once, in the order of the configuration. For sending they have the addresses that
  /// can be sent from, and no others.
  package private(set) var usable: [NetworkInterface] = []
  /// For people: `eth0`, `eth0 (it is down)`.
  package private(set) var waitingFor: [String] = []
  /// The names of all that are configured, there or not; nil where that cannot be said (`auto`, an address
  /// that no interface has, an alternative name that none has).
  package private(set) var names: Set<String>? = []
  /// What is configured and points at no interface.
  package private(set) var missing: [InterfaceReference] = []
  /// The names of the interfaces that the configured references point at.
  package private(set) var found: [InterfaceReference: String] = [:]

  /// Nothing wanted, as for a direction that is off.
  package init() {}

  /// - Parameters:
  ///   - isSending: whether the interfaces need an address to send from.
  ///   - route: the index of the interface that the route to the group leads to.
  ///   - sources: the addresses that are sent from already, by interface index.
  ///   - former: `found` of the plan before: an alternative name goes with its interface, and then does not
  ///     say whose it was.
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

  /// What a choice means as things are now, usable or not: each interface once, with the ports of it that
  /// were named.
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

  /// The bridge, bond or team takes the traffic of its ports before IP sees it: what was meant for the port
  /// is to be had there.
  private static func follow(_ interface: NetworkInterface, in table: InterfaceTable) -> InterfaceTable.Entry?
  {
    let ports = table.ports
    guard var entry = table[index: interface.index] else { return nil }
    // A bond's port may be a bridge's port; the kernel nests no deeper than 8 (MAX_NEST_DEV).
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

// Which interfaces a choice names, before bridges and obstacles are looked at.
extension InterfacePlan {
  /// The interfaces to join and to send on, each once: in the order of the configuration, or one for
  /// `automatic`.
  ///
  /// `automatic` is where the route to the group leads, else the first interface that is up and
  /// multicast-capable, else lo. "First" prefers what could carry the group today: a carrier, then an address
  /// of the group's family, then the lowest index. lo is taken only while there is nothing else, whatever the
  /// route says, and a port of a bridge never, because the bridge takes its traffic.
  ///
  /// - Parameters:
  ///   - interfaces: all that there are.
  ///   - ports: the indices of those that are ports of a bridge or bond (`InterfaceTable.ports`).
  ///   - route: the index of the interface that the route to the group leads to (`RouteQuery`).
  /// - Returns: empty when nothing fits: what to wait for. A listed interface that is down is returned,
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

  /// The references of a listed choice that nothing answers to.
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
