// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// Receives the datagrams of one group and port, on the interfaces where the group was joined.
///
/// The socket is bound to the group, not to the wildcard, which excludes unicast datagrams and groups that
/// other processes of this host joined; IP_MULTICAST_ALL=0 excludes groups that this socket did not join.
/// Where the kernel cannot bind to the group without also binding to a device (IPv6 groups of link-local
/// scope), the socket is bound to the wildcard, and the caller compares the destination that `receive`
/// passes.
package final class MulticastReceiver {
  /// Maximum number of datagrams that one `receive` reads.
  package static let batchSize = ReceiveSlots.count

  package let group: Endpoint
  private let slots: ReceiveSlots
  private let socket: OwnedSocket
  /// Kernel drop count in the newest datagram (SO_RXQ_OVFL).
  private var dropsSeen: UInt32 = 0

  /// Opens and binds a socket. Nothing is received before `join`.
  ///
  /// - Parameter receiveBuffer: bytes requested (SO_RCVBUF); see `grantedReceiveBuffer` for the bytes
  ///   granted.
  /// - Throws: `MulticastError.system`: EADDRINUSE when a socket without SO_REUSEADDR holds the port.
  package init(group: Endpoint, receiveBuffer: Int) throws(MulticastError) {
    let family = group.address.family
    let socket = try OwnedSocket(family)
    self.group = group
    self.slots = try ReceiveSlots()
    // Cannot be set once the socket is bound.
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

  /// Adopts a socket that the previous process opened by `init(group:receiveBuffer:)`, with its memberships
  /// and its queued datagrams. All options are set again: another version may have set fewer.
  ///
  /// - Parameter receiveBuffer: bytes requested (SO_RCVBUF); nil leaves the buffer unchanged.
  /// - Returns: `nil` if there is an `obstacle(toAdopting:group:)`; the descriptor is then closed.
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

  /// A duplicate of the descriptor, closed on exec (fcntl(2)); nil where none is left.
  package func duplicateDescriptor() -> Descriptor? {
    let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    return duplicate == -1 ? nil : Descriptor(duplicate)
  }

  /// Receive buffer granted, in bytes as requested: getsockopt(2) returns twice that (socket(7)).
  package var grantedReceiveBuffer: Int {
    Int(socket.option(SOL_SOCKET, SO_RCVBUF, as: Int32(0)) ?? 0) / 2
  }

  /// Socket cookie, unique since boot (SO_COOKIE).
  package var cookie: UInt64 { socket.option(SOL_SOCKET, SocketOption.cookie, as: UInt64(0)) ?? 0 }

  /// Datagrams that the kernel dropped at this socket since it was opened, mod 2³².
  ///
  /// SO_RXQ_OVFL lags, because it comes with the next datagram delivered. SO_MEMINFO is up to date.
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

  /// As `receiveBatch`, one datagram after the other.
  package func receive(_ body: (borrowing ReceivedDatagram) -> Void) throws(MulticastError) -> Int {
    try receiveBatch { for datagram in $0 { body(datagram) } }
  }

  /// Reads one batch without blocking and passes its datagrams in order of arrival.
  ///
  /// - Returns: the number of datagrams read; fewer than `ReceiveSlots.count` means that the queue was empty.
  /// - Throws: `MulticastError.system` for any error but an empty queue.
  package func receiveBatch(
    _ body: (UnsafeBufferPointer<ReceivedDatagram>) -> Void
  ) throws(MulticastError) -> Int {
    let count = clinux_recvmmsg(
      socket.descriptor, slots.headers, UInt32(ReceiveSlots.count),
      Int32(MSG_DONTWAIT) | Int32(MSG_TRUNC), nil)
    guard count >= 0 else {
      let error = errno
      if error == EAGAIN || error == EINTR { return 0 }
      throw .system(call: "recvmmsg", object: "\(group)", errno: error)
    }
    var drops: UInt32?
    body(slots.datagrams(in: Int(count), group: group.address, drops: &drops))
    slots.rearm(Int(count))
    if let drops { dropsSeen = drops }
    return Int(count)
  }

  /// Changes the size of the receive buffer of the socket in use, in bytes.
  ///
  /// - Throws: `MulticastError.system`.
  package func setReceiveBuffer(_ bytes: Int) throws(MulticastError) {
    try socket.set(
      SOL_SOCKET, SO_RCVBUF, to: Int32(clamping: bytes), "SO_RCVBUF", for: "\(group)")
  }

  /// IPv6 groups that need a scope cannot be bound without a device: bind(2) returns EINVAL (RFC 4007).
  static func bindAddress(for group: Endpoint) -> Endpoint {
    switch (group.address.family, group.address.multicastScope) {
    case (.ipv6, .interfaceLocal), (.ipv6, .linkLocal):
      Endpoint(.unspecified(.ipv6), port: group.port)
    default:
      group
    }
  }

  /// Name of the socket in errors.
  private static let object = "the receive socket"

  /// Sets every option of a receive socket, new or adopted, except IPV6_V6ONLY.
  ///
  /// - Parameter receiveBuffer: bytes; nil leaves it unchanged.
  private static func configure(
    _ socket: borrowing OwnedSocket, family: AddressFamily, receiveBuffer: Int?
  ) throws(MulticastError) {
    let on: Int32 = 1
    let off: Int32 = 0
    try socket.setNonBlocking(for: object)
    // Not SO_REUSEPORT: it conflicts with sockets that only have SO_REUSEADDR, and does not distribute
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
