// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// A network interface as the kernel shows it at one moment (netdevice(7)).
package struct NetworkInterface: Equatable, Sendable {
  /// The kernel's number for it: unique, and never given again to an interface that replaces it.
  package var index: UInt32
  package var name: String
  /// IFF_UP …, netdevice(7).
  package var flags: UInt32
  package var addresses: [IPAddress]
  /// Further names that it can be asked for by (`ip link property add dev … altname …`); systemd gives one to
  /// nearly every network card. Only `InterfaceTable` knows them.
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
  /// Has a carrier at this moment. IFF_RUNNING, which `isRunning` asks for, follows within a second
  /// (linkwatch).
  package var hasCarrier: Bool { flags & UInt32(CLINUX_IFF_LOWER_UP) != 0 }
  package var isMulticastCapable: Bool { flags & UInt32(IFF_MULTICAST) != 0 }
  package var isLoopback: Bool { flags & UInt32(IFF_LOOPBACK) != 0 }

  /// The first address of a family, preferring one that is not link-local for IPv4 and one that is for IPv6
  /// groups of link-local scope, as the kernel does (RFC 6724 rule 2).
  package func address(for group: IPAddress) -> IPAddress? {
    let candidates = addresses.filter { $0.family == group.family }
    let wantsLinkLocal = group.family == .ipv6 && group.multicastScope == .linkLocal
    return candidates.first { $0.isLinkLocalUnicast == wantsLinkLocal } ?? candidates.first
  }
}
