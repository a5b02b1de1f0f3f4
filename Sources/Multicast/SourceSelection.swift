// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// Source address selection for datagrams to a group. Done once for each sender: the kernel would select one
/// for each datagram, and peers identify a host by its address.
enum SourceSelection {
  /// - Parameter preferred: used if the interface has it.
  /// - Returns: the preferred address, else the kernel's choice (RFC 6724 for IPv6, the first primary address
  ///   of the widest scope for IPv4), else any of the family; 0.0.0.0 or :: if there is none.
  static func source(
    for group: Endpoint, on interface: NetworkInterface, preferring preferred: IPAddress?
  ) -> IPAddress {
    let family = group.address.family
    let own = interface.addresses.filter { $0.family == family }
    if let preferred, own.contains(preferred) { return preferred }
    // For lo, whose address has host scope, the kernel selects the address of another interface, or none.
    if !interface.isLoopback, let chosen = kernelChoice(for: group, on: interface), own.contains(chosen) {
      return chosen
    }
    return interface.address(for: group.address) ?? .unspecified(family)
  }

  /// Local address of a socket after connect(2) to the group. Nothing is sent.
  private static func kernelChoice(for group: Endpoint, on interface: NetworkInterface) -> IPAddress? {
    do throws(MulticastError) {
      let family = group.address.family
      let socket = try OwnedSocket(family)
      try socket.setMulticastInterface(interface, family)
      if family == .ipv6 {
        // Where temporary addresses are the default, they change every day (RFC 8981).
        try socket.set(
          family.level, SocketOption.ipv6AddressPreferences, to: SocketOption.ipv6PreferPublicSource,
          "IPV6_ADDR_PREFERENCES", for: interface.name)
      }
      let descriptor = socket.descriptor
      let connected = group.withSockaddr(scope: interface.index) { connect(descriptor, $0, $1) }
      return connected == 0 ? socket.localEndpoint?.address : nil
    } catch {
      // The sender's own calls report the error.
      return nil
    }
  }
}

extension OwnedSocket {
  /// Sets the interface for outgoing multicast (IP_MULTICAST_IF, IPV6_MULTICAST_IF).
  ///
  /// - Parameter source: IPv4 source address (ip_mreqn, ip(7)); nil leaves the choice to the kernel.
  func setMulticastInterface(
    _ interface: NetworkInterface, _ family: AddressFamily, source: IPAddress? = nil
  ) throws(MulticastError) {
    switch family {
    case .ipv4:
      var request = ip_mreqn()
      request.imr_ifindex = Int32(bitPattern: interface.index)
      request.imr_address = (source ?? .unspecified(.ipv4)).inAddr
      try set(family.level, IP_MULTICAST_IF, to: request, "IP_MULTICAST_IF", for: interface.name)
    case .ipv6:
      try set(
        family.level, IPV6_MULTICAST_IF, to: Int32(bitPattern: interface.index), "IPV6_MULTICAST_IF",
        for: interface.name)
    }
  }

  /// Binds to an address of an interface, or to the wildcard.
  ///
  /// - Throws: `MulticastError.system`: EADDRNOTAVAIL when the interface does not have the address, or it is
  ///   still tentative.
  func bind(to local: Endpoint, on interface: NetworkInterface) throws(MulticastError) {
    let attempt = { [descriptor] in
      local.withSockaddr(scope: interface.index) { Glibc.bind(descriptor, $0, $1) == 0 ? 0 : errno }
    }
    var failure = attempt()
    if failure == EADDRNOTAVAIL, !local.address.isUnspecified {
      // An IPv6 address on an interface of a VRF can only be found from within the VRF.
      let index = Int32(bitPattern: interface.index)
      try set(SOL_SOCKET, SocketOption.bindToInterface, to: index, "SO_BINDTOIFINDEX", for: interface.name)
      failure = attempt()
    }
    guard failure == 0 else { throw .system(call: "bind", object: "\(local)", errno: failure) }
  }
}
