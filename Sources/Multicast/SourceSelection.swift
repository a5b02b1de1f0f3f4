// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// Which address datagrams to a group leave from. It is chosen once for each sender: the kernel would choose
/// anew for each datagram, and to peers another address is another host.
enum SourceSelection {
  /// - Parameter preferred: taken where the interface has it.
  /// - Returns: the preferred address, else the kernel's choice (RFC 6724 for IPv6, the first primary address
  ///   of the widest scope for IPv4), else any that fits; 0.0.0.0 or :: where there is none of the family.
  static func source(
    for group: Endpoint, on interface: NetworkInterface, preferring preferred: IPAddress?
  ) -> IPAddress {
    let family = group.address.family
    let own = interface.addresses.filter { $0.family == family }
    if let preferred, own.contains(preferred) { return preferred }
    // For lo, whose address is of host scope, the kernel takes the address of another interface, or none.
    if !interface.isLoopback, let chosen = kernelChoice(for: group, on: interface), own.contains(chosen) {
      return chosen
    }
    return interface.address(for: group.address) ?? .unspecified(family)
  }

  /// What connect(2) to the group binds a socket to. Nothing is sent.
  private static func kernelChoice(for group: Endpoint, on interface: NetworkInterface) -> IPAddress? {
    do throws(MulticastError) {
      let family = group.address.family
      let socket = try OwnedSocket(family)
      try socket.setMulticastInterface(interface, family)
      if family == .ipv6 {
        // Where temporary addresses are the rule, they change every day (RFC 8981).
        try socket.set(
          family.level, SocketOption.ipv6AddressPreferences, to: SocketOption.ipv6PreferPublicSource,
          "IPV6_ADDR_PREFERENCES", for: interface.name)
      }
      let descriptor = socket.descriptor
      let connected = group.withSockaddr(scope: interface.index) { connect(descriptor, $0, $1) }
      return connected == 0 ? socket.localEndpoint?.address : nil
    } catch {
      // The sender's own calls tell what is wrong.
      return nil
    }
  }
}

extension OwnedSocket {
  /// Sends multicast from an interface (IP_MULTICAST_IF, IPV6_MULTICAST_IF).
  ///
  /// - Parameter source: for IPv4 the address that datagrams leave from (ip_mreqn, ip(7)); nil leaves it to
  ///   the kernel.
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
  /// - Throws: `MulticastError.system`: EADDRNOTAVAIL when the interface does not have it, or tests it still.
  func bind(to local: Endpoint, on interface: NetworkInterface) throws(MulticastError) {
    let attempt = { [descriptor] in
      local.withSockaddr(scope: interface.index) { Glibc.bind(descriptor, $0, $1) == 0 ? 0 : errno }
    }
    var failure = attempt()
    if failure == EADDRNOTAVAIL, !local.address.isUnspecified {
      // An IPv6 address on an interface of a VRF is found from within the VRF only.
      let index = Int32(bitPattern: interface.index)
      try set(SOL_SOCKET, SocketOption.bindToInterface, to: index, "SO_BINDTOIFINDEX", for: interface.name)
      failure = attempt()
    }
    guard failure == 0 else { throw .system(call: "bind", object: "\(local)", errno: failure) }
  }
}
