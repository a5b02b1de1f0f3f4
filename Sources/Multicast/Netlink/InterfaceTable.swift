// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// Snapshot of all interfaces with their addresses, from one netlink socket.
///
/// More than getifaddrs(3) returns: bridge ports, carriers, alternative names and tentative IPv6 addresses.
package struct InterfaceTable: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package var interface: NetworkInterface
    /// Index of the bridge, bond or VRF of which it is a port.
    package var master: UInt32?
    /// `bridge`, `veth` …; `nil` for a physical interface.
    package var kind: String?
    /// Index of the underlying interface or of the veth peer, if it is in the same namespace.
    package var lower: UInt32?
    /// `nil` unless it is a bridge.
    package var bridge: BridgeMulticast?
    /// Tentative addresses (RFC 4862 section 5.4): not usable as a source yet.
    package var tentativeAddresses: [IPAddress] = []
    /// Tentative addresses that another host has: never usable as a source.
    package var duplicateAddresses: [IPAddress] = []

    package var hasCarrier: Bool { interface.hasCarrier }
  }

  /// Ordered by index.
  package private(set) var entries: [Entry] = []

  package var interfaces: [NetworkInterface] { entries.map(\.interface) }

  package init() {}

  /// - Parameter messages: the answers to RTM_GETLINK and RTM_GETADDR; removal messages remove entries.
  package init(_ messages: some Sequence<NetlinkMessage>) {
    var byIndex: [UInt32: Entry] = [:]
    for message in messages {
      switch message {
      case .link(let link) where !link.isBridgePort:
        guard let name = link.name else { continue }
        let known = byIndex[link.index]
        byIndex[link.index] = Entry(
          interface: NetworkInterface(
            index: link.index, name: name, flags: link.flags, addresses: known?.interface.addresses ?? [],
            alternativeNames: link.alternativeNames),
          master: link.master, kind: link.kind, lower: link.lower,
          bridge: link.bridge,
          tentativeAddresses: known?.tentativeAddresses ?? [],
          duplicateAddresses: known?.duplicateAddresses ?? [])
      case .linkRemoved(let link) where !link.isBridgePort:
        byIndex[link.index] = nil
      case .address(let address):
        byIndex[address.index]?.interface.addresses.append(address.address)
        if address.isTentative { byIndex[address.index]?.tentativeAddresses.append(address.address) }
        if address.isDuplicate { byIndex[address.index]?.duplicateAddresses.append(address.address) }
      case .addressRemoved(let address):
        byIndex[address.index]?.interface.addresses.removeAll { $0 == address.address }
        byIndex[address.index]?.tentativeAddresses.removeAll { $0 == address.address }
        byIndex[address.index]?.duplicateAddresses.removeAll { $0 == address.address }
      default: continue
      }
    }
    entries = byIndex.values.sorted { $0.interface.index < $1.interface.index }
  }

  /// Reads the table from the kernel.
  ///
  /// - Throws: `MulticastError.system` when a request fails.
  package static func read() throws(MulticastError) -> InterfaceTable {
    var socket = try NetlinkSocket(isBlocking: true)
    // The counters are by far the largest part of a link's answer, and are not needed.
    let withoutStatistics = netlinkAttribute(
      type: Int(IFLA_EXT_MASK), payload: netlinkBody(UInt32(RTEXT_FILTER_SKIP_STATS)))
    let links = try socket.dump(type: Int(RTM_GETLINK), body: netlinkBody(ifinfomsg()) + withoutStatistics)
    let addresses = try socket.dump(type: Int(RTM_GETADDR), body: netlinkBody(ifaddrmsg()))
    return InterfaceTable(links + addresses)
  }

  package subscript(index index: UInt32) -> Entry? { entries.first { $0.interface.index == index } }

  /// Looks up a name or an alternative name; names are unique.
  package subscript(name name: String) -> Entry? {
    entries.first { InterfaceReference.name(name).matches($0.interface) }
  }
}

extension InterfaceTable {
  /// Indices of the interfaces whose traffic their bridge, bond or team takes before it reaches IP.
  ///
  /// Ports of a VRF are excluded: they keep their addresses and their IP traffic.
  package var ports: Set<UInt32> {
    Set(
      entries.filter { entry in entry.master.map { self[index: $0]?.kind != "vrf" } ?? false }.map(
        \.interface.index)
    )
  }
}
