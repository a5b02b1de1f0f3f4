// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// Receives what is sent to one group and port, on the interfaces where the group was joined.
///
/// The socket is bound to the group, not to the wildcard, so that neither unicast datagrams nor other groups
/// that any process of this host joined reach it; IP_MULTICAST_ALL=0 keeps out what this socket itself did
/// not join. Where the kernel cannot bind to the group without binding to one device as well (IPv6 groups of
/// link-local scope), it is bound to the wildcard, and `receive` hands over the destination for the caller to
/// compare.
package final class MulticastReceiver {
  /// Datagrams that one `receive` reads at most.
  package static let batchSize = ReceiveSlots.count

  package let group: Endpoint
  private let slots: ReceiveSlots
  private let socket: OwnedSocket
  /// The kernel's drop count as it rode on the newest datagram (SO_RXQ_OVFL).
  private var dropsSeen: UInt32 = 0

  /// Opens and binds a socket. Nothing is received before `join`.
  ///
  /// - Parameter receiveBuffer: bytes asked for (SO_RCVBUF); `grantedReceiveBuffer` tells what the kernel
  ///   gave.
  /// - Throws: `MulticastError.system`: EADDRINUSE when a socket without SO_REUSEADDR holds the port.
  package init(group: Endpoint, receiveBuffer: Int) throws(MulticastError) {
    let family = group.address.family
    let socket = try OwnedSocket(family)
    self.group = group
    self.slots = try ReceiveSlots()
    // Once it is bound this cannot be set any more.
    if family == .ipv6 {
      try socket.set(family.level, IPV6_V6ONLY, to: Int32(1), "IPV6_V6ONLY", for: Self.object)
    }
    try Self.configure(socket, family: family, receiveBuffer: receiveBuffer)
    let local = Self.bindAddress(for: group)
    guard local.withSockaddr({ bind(socket.descriptor, $0, $1) }) == 0 else {
      throw .system(call: "bind", object: "\(local)", errno: errno)
    }
    self.socket = socket
  }

  /// Takes over a socket that an earlier life of the process opened by `init(group:receiveBuffer:)`, with its
  /// memberships and with what is queued in it. All options are set anew: another version may have set less.
  ///
  /// - Parameter receiveBuffer: bytes asked for (SO_RCVBUF); nil leaves the socket the buffer that it has.
  /// - Returns: `nil` where there is an `obstacle(toAdopting:group:)`; the descriptor is then closed.
  /// - Throws: `MulticastError.system`; the descriptor is then closed.
  package init?(
    adopting descriptor: Int32, group: Endpoint, receiveBuffer: Int? = nil
  ) throws(MulticastError) {
    let socket = OwnedSocket(owning: descriptor)
    guard Self.obstacle(toAdopting: socket, group: group) == nil else { return nil }
    self.group = group
    self.slots = try ReceiveSlots()
    try Self.configure(socket, family: group.address.family, receiveBuffer: receiveBuffer)
    self.socket = socket
    dropsSeen = kernelDrops
  }

  package var descriptor: Int32 { socket.descriptor }

  /// The receive buffer in bytes as it would have to be asked for: getsockopt(2) tells twice that
  /// (socket(7)).
  package var grantedReceiveBuffer: Int {
    Int(socket.option(SOL_SOCKET, SO_RCVBUF, as: Int32(0)) ?? 0) / 2
  }

  /// A number that no other socket has had since the machine started (SO_COOKIE).
  package var cookie: UInt64 { socket.option(SOL_SOCKET, SocketOption.cookie, as: UInt64(0)) ?? 0 }

  /// Datagrams that the kernel dropped at this socket since it was opened, mod 2³².
  ///
  /// SO_RXQ_OVFL alone lags: it rides on the next datagram that is delivered. SO_MEMINFO is up to date.
  package var kernelDrops: UInt32 {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Int(CLINUX_SK_MEMINFO_VARS)) { values in
      values.initialize(repeating: 0)
      var length = socklen_t(values.count * MemoryLayout<UInt32>.stride)
      let result = getsockopt(
        socket.descriptor, SOL_SOCKET, Int32(CLINUX_SO_MEMINFO), values.baseAddress, &length)
      let index = Int(CLINUX_SK_MEMINFO_DROPS)
      guard result == 0, Int(length) > index * MemoryLayout<UInt32>.stride else { return dropsSeen }
      return values[index]
    }
  }

  /// Reads one batch without waiting and hands over its datagrams in the order of their arrival.
  ///
  /// - Returns: the number of datagrams read; fewer than `ReceiveSlots.count` means that the queue was empty
  ///   then.
  /// - Throws: `MulticastError.system` for anything but an empty queue.
  package func receive(_ body: (borrowing ReceivedDatagram) -> Void) throws(MulticastError) -> Int {
    let count = clinux_recvmmsg(
      socket.descriptor, slots.headers, UInt32(ReceiveSlots.count),
      Int32(MSG_DONTWAIT) | Int32(MSG_TRUNC), nil)
    guard count >= 0 else {
      let error = errno
      if error == EAGAIN || error == EINTR { return 0 }
      throw .system(call: "recvmmsg", object: "\(group)", errno: error)
    }
    var drops: UInt32?
    for slot in 0..<Int(count) {
      if let datagram = slots.datagram(at: slot, group: group.address, drops: &drops) { body(datagram) }
    }
    slots.rearm(Int(count))
    if let drops { dropsSeen = drops }
    return Int(count)
  }

  /// Asks for another receive buffer while the socket is in use.
  ///
  /// - Throws: `MulticastError.system`.
  package func setReceiveBuffer(_ bytes: Int) throws(MulticastError) {
    try socket.set(
      SOL_SOCKET, SO_RCVBUF, to: Int32(clamping: bytes), "SO_RCVBUF", for: "\(group)")
  }

  /// IPv6 groups that need a scope cannot be bound to without a device: RFC 4007, bind(2) gives EINVAL.
  static func bindAddress(for group: Endpoint) -> Endpoint {
    switch (group.address.family, group.address.multicastScope) {
    case (.ipv6, .interfaceLocal), (.ipv6, .linkLocal):
      Endpoint(.unspecified(.ipv6), port: group.port)
    default:
      group
    }
  }

  /// What the socket is called in errors.
  private static let object = "the receive socket"

  /// Every option of a receive socket, new or taken over, but IPV6_V6ONLY.
  ///
  /// - Parameter receiveBuffer: bytes; nil leaves it as it is.
  private static func configure(
    _ socket: borrowing OwnedSocket, family: AddressFamily, receiveBuffer: Int?
  ) throws(MulticastError) {
    let on: Int32 = 1
    let off: Int32 = 0
    try socket.setNonBlocking(for: object)
    // Not SO_REUSEPORT: it clashes with sockets that only have SO_REUSEADDR, and splits nothing for
    // multicast.
    try socket.set(SOL_SOCKET, SO_REUSEADDR, to: on, "SO_REUSEADDR", for: object)
    if let receiveBuffer {
      try socket.set(SOL_SOCKET, SO_RCVBUF, to: Int32(clamping: receiveBuffer), "SO_RCVBUF", for: object)
    }
    try socket.set(SOL_SOCKET, SocketOption.timestampNanoseconds, to: on, "SO_TIMESTAMPNS", for: object)
    try socket.set(SOL_SOCKET, SocketOption.receiveQueueOverflow, to: on, "SO_RXQ_OVFL", for: object)
    switch family {
    case .ipv4:
      try socket.set(family.level, SocketOption.ipMulticastAll, to: off, "IP_MULTICAST_ALL", for: object)
      try socket.set(family.level, IP_PKTINFO, to: on, "IP_PKTINFO", for: object)
    case .ipv6:
      try socket.set(family.level, SocketOption.ipv6MulticastAll, to: off, "IPV6_MULTICAST_ALL", for: object)
      try socket.set(
        family.level, SocketOption.ipv6ReceivePacketInfo, to: on, "IPV6_RECVPKTINFO", for: object)
    }
  }

  func setMembership<Request: BitwiseCopyable>(
    _ option: Int32, _ request: Request, _ name: StaticString, for object: String
  ) throws(MulticastError) {
    try socket.set(group.address.family.level, option, to: request, name, for: object)
  }
}
