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

  /// Every interface there is, by index (getifaddrs(3), which needs AF_NETLINK in a sandbox).
  ///
  /// - Throws: `MulticastError.system` when the list cannot be had.
  package static func all() throws(MulticastError) -> [NetworkInterface] {
    var head: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&head) == 0 else {
      throw .system(call: "getifaddrs", object: "the interfaces", errno: errno)
    }
    defer { freeifaddrs(head) }
    var byName: [String: NetworkInterface] = [:]
    var next = head
    while let entry = next?.pointee {
      defer { next = entry.ifa_next }
      let name = String(cString: entry.ifa_name)
      var interface =
        byName[name]
        ?? NetworkInterface(
          index: if_nametoindex(entry.ifa_name), name: name, flags: entry.ifa_flags, addresses: [])
      if let address = entry.ifa_addr {
        let size =
          address.pointee.sa_family == sa_family_t(AF_INET6)
          ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        if let endpoint = Endpoint(UnsafeRawPointer(address), length: size) {
          interface.addresses.append(endpoint.address)
        }
      }
      byName[name] = interface
    }
    // An interface that went between the two calls has index 0.
    return byName.values.filter { $0.index != 0 }.sorted { $0.index < $1.index }
  }

  /// The first address of a family, preferring one that is not link-local for IPv4 and one that is for IPv6
  /// groups of link-local scope, as the kernel does (RFC 6724 rule 2).
  package func address(for group: IPAddress) -> IPAddress? {
    let candidates = addresses.filter { $0.family == group.family }
    let wantsLinkLocal = group.family == .ipv6 && group.multicastScope == .linkLocal
    return candidates.first { $0.isLinkLocalUnicast == wantsLinkLocal } ?? candidates.first
  }
}
