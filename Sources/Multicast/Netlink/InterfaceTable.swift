// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// Every interface with its addresses at one moment, from one netlink socket.
///
/// It tells more than getifaddrs(3): ports of bridges, carriers, alternative names, and the addresses that
/// IPv6 is still testing.
package struct InterfaceTable: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package var interface: NetworkInterface
    /// The index of the bridge, bond or VRF that it is a port of.
    package var master: UInt32?
    /// `bridge`, `veth` …; `nil` for plain hardware.
    package var kind: String?
    /// The interface that it is on top of, or the other end of a veth, where that is in the same namespace.
    package var lower: UInt32?
    /// `nil` for everything but a bridge.
    package var bridge: BridgeMulticast?
    /// Addresses that nothing can be sent from yet (RFC 4862 section 5.4).
    package var tentativeAddresses: [IPAddress] = []
    /// Of these, addresses that another host has: nothing will ever be sent from them.
    package var duplicateAddresses: [IPAddress] = []

    package var hasCarrier: Bool { interface.hasCarrier }
  }

  /// By index.
  package private(set) var entries: [Entry] = []

  package var interfaces: [NetworkInterface] { entries.map(\.interface) }

  package init() {}

  /// - Parameter messages: the answers to RTM_GETLINK and RTM_GETADDR; removals take away.
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

  /// Reads it from the kernel.
  ///
  /// - Throws: `MulticastError.system` when the kernel does not tell.
  package static func read() throws(MulticastError) -> InterfaceTable {
    var socket = try NetlinkSocket(isBlocking: true)
    // The counters are by far the largest part of a link's answer, and nobody asks for them here.
    let withoutStatistics = netlinkAttribute(
      type: Int(IFLA_EXT_MASK), payload: netlinkBody(UInt32(RTEXT_FILTER_SKIP_STATS)))
    let links = try socket.dump(type: Int(RTM_GETLINK), body: netlinkBody(ifinfomsg()) + withoutStatistics)
    let addresses = try socket.dump(type: Int(RTM_GETADDR), body: netlinkBody(ifaddrmsg()))
    return InterfaceTable(links + addresses)
  }

  package subscript(index index: UInt32) -> Entry? { entries.first { $0.interface.index == index } }

  /// By its name or one of its alternative names; the kernel gives no name twice.
  package subscript(name name: String) -> Entry? {
    entries.first { InterfaceReference.name(name).matches($0.interface) }
  }
}

extension InterfaceTable {
  /// The indices of the interfaces whose traffic their bridge, bond or team takes before IP sees it.
  ///
  /// A VRF's ports are not among them: they keep their addresses, and IP its traffic.
  package var ports: Set<UInt32> {
    Set(
      entries.filter { entry in entry.master.map { self[index: $0]?.kind != "vrf" } ?? false }.map(
        \.interface.index)
    )
  }
}
