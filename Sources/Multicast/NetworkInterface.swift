// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// Snapshot of a network interface (netdevice(7)).
package struct NetworkInterface: Equatable, Sendable {
  /// The kernel's interface index. Unique; an interface that is created again gets a new one.
  package var index: UInt32
  package var name: String
  /// IFF_UP …, netdevice(7).
  package var flags: UInt32
  package var addresses: [IPAddress]
  /// Alternative names (`ip link property add dev … altname …`); systemd gives one to nearly every network
  /// card. Set by `InterfaceTable` only.
  package var alternativeNames: [String]

  package init(
    index: UInt32, name: String, flags: UInt32, addresses: [IPAddress], alternativeNames: [String] = []
  ) {
    self.index = index
    self.name = name
    self.flags = flags
    self.addresses = addresses
    self.alternativeNames = alternativeNames
  }

  /// Administratively up.
  package var isUp: Bool { flags & UInt32(IFF_UP) != 0 }
  /// Operational (RFC 2863).
  package var isRunning: Bool { flags & UInt32(IFF_RUNNING) != 0 }
  /// Has a carrier now. IFF_RUNNING (`isRunning`) follows within a second (linkwatch).
  package var hasCarrier: Bool { flags & UInt32(CLINUX_IFF_LOWER_UP) != 0 }
  package var isMulticastCapable: Bool { flags & UInt32(IFF_MULTICAST) != 0 }
  package var isLoopback: Bool { flags & UInt32(IFF_LOOPBACK) != 0 }

  /// First address of the group's family. Prefers one that is not link-local for IPv4, and a link-local one
  /// for IPv6 groups of link-local scope, as the kernel does (RFC 6724 rule 2).
  package func address(for group: IPAddress) -> IPAddress? {
    let candidates = addresses.filter { $0.family == group.family }
    let wantsLinkLocal = group.family == .ipv6 && group.multicastScope == .linkLocal
    return candidates.first { $0.isLinkLocalUnicast == wantsLinkLocal } ?? candidates.first
  }
}
