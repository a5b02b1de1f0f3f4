// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Sends datagrams to one group from one interface.
///
/// The interface is selected by its index with IP_MULTICAST_IF: on Linux a membership of the sending socket
/// selects nothing, and without the option a host with no route to the group cannot send.
package final class MulticastSender {
  /// Scope of the datagrams sent.
  package struct Options: Equatable, Sendable {
    /// IP_MULTICAST_TTL or IPV6_MULTICAST_HOPS: 0 to 255. 0 restricts a datagram to this host; Linux
    /// nevertheless transmits it if no socket of the host has joined on that interface (measured).
    package var ttl: UInt8
    /// Whether members on this host receive what is sent.
    package var loopback: Bool

    package init(ttl: UInt8, loopback: Bool) {
      self.ttl = ttl
      self.loopback = loopback
    }
  }

  package let group: Endpoint
  /// Source port, constant for the life of this sender.
  package let sourcePort: UInt16
  /// Source address, constant for the life of this sender, even if the interface gets other addresses.
  /// 0.0.0.0 or :: if the interface has none of the group's family.
  package let source: IPAddress
  /// `group` as sendto(2) takes it: nothing is worked out between the timestamp of a beat and the kernel.
  private let destination: [UInt8]
  private let socket: OwnedSocket

  /// - Parameter preferred: source address to use if the interface has it.
  /// - Throws: `MulticastError.system`: ENODEV or EADDRNOTAVAIL when the interface or its address was
  ///   removed.
  package init(
    group: Endpoint, interface: NetworkInterface, options: Options, preferring preferred: IPAddress? = nil
  ) throws(MulticastError) {
    let family = group.address.family
    let socket = try OwnedSocket(family)
    let source = SourceSelection.source(for: group, on: interface, preferring: preferred)
    var local = Endpoint(.unspecified(family), port: 0)
    switch family {
    case .ipv4:
      // Not bind(2): it refuses an address on an interface of a VRF.
      try socket.setMulticastInterface(interface, family, source: source)
    case .ipv6:
      try socket.setMulticastInterface(interface, family)
      local.address = source
    }
    try socket.bind(to: local, on: interface)
    guard let port = socket.localEndpoint?.port else {
      throw .system(call: "getsockname", object: "\(local)", errno: errno)
    }
    try Self.apply(options, to: socket, group: group)
    self.group = group
    sourcePort = port
    self.source = source
    destination = group.withSockaddr(scope: interface.index) {
      Array(UnsafeRawBufferPointer(start: $0, count: Int($1)))
    }
    self.socket = socket
  }

  /// Whether the interface still has the source address of this sender.
  package func canStay(on interface: NetworkInterface) -> Bool {
    source.isUnspecified
      ? interface.address(for: group.address) == nil : interface.addresses.contains(source)
  }

  /// Changes TTL and loopback of the socket in use.
  ///
  /// - Throws: `MulticastError.system`.
  package func set(_ options: Options) throws(MulticastError) {
    try Self.apply(options, to: socket, group: group)
  }

  private static func apply(
    _ options: Options, to socket: borrowing OwnedSocket, group: Endpoint
  ) throws(MulticastError) {
    let level = group.address.family.level
    let ttl = Int32(options.ttl)
    let loopback: Int32 = options.loopback ? 1 : 0
    switch group.address.family {
    case .ipv4:
      try socket.set(level, IP_MULTICAST_TTL, to: ttl, "IP_MULTICAST_TTL", for: "\(group)")
      try socket.set(level, IP_MULTICAST_LOOP, to: loopback, "IP_MULTICAST_LOOP", for: "\(group)")
    case .ipv6:
      try socket.set(level, IPV6_MULTICAST_HOPS, to: ttl, "IPV6_MULTICAST_HOPS", for: "\(group)")
      try socket.set(level, IPV6_MULTICAST_LOOP, to: loopback, "IPV6_MULTICAST_LOOP", for: "\(group)")
    }
  }

  /// Sends one datagram without blocking.
  ///
  /// - Returns: nil on success, else errno: ENETUNREACH, ENOBUFS, EPERM (a firewall), ENODEV, EAGAIN (the
  ///   send buffer is full) or any other error of sendto(2). Not thrown: failed sends are common, and errno
  ///   is all there is to report.
  package func send(_ payload: [UInt8]) -> Int32? {
    let sent = destination.withUnsafeBytes {
      sendto(
        socket.descriptor, payload, payload.count, Int32(MSG_NOSIGNAL),
        $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
    }
    return sent == payload.count ? nil : errno
  }
}
