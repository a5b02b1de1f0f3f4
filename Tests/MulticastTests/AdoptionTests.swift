// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Multicast
@testable import Platform

/// Sockets opened by another program, or by an older version.
struct AdoptionTests {
  private struct Option: CustomStringConvertible {
    var name: String
    var level: Int32
    var number: Int32
    /// What it has to be on a receive socket.
    var value: Int32

    var description: String { name }
  }

  private static let common = [
    Option(name: "SO_REUSEADDR", level: SOL_SOCKET, number: SO_REUSEADDR, value: 1),
    Option(
      name: "SO_TIMESTAMPNS", level: SOL_SOCKET, number: SocketOption.timestampNanoseconds, value: 1),
    Option(name: "SO_RXQ_OVFL", level: SOL_SOCKET, number: SocketOption.receiveQueueOverflow, value: 1),
  ]
  private static let ofFamily: [AddressFamily: [Option]] = [
    .ipv4: [
      Option(
        name: "IP_MULTICAST_ALL", level: Int32(IPPROTO_IP), number: SocketOption.ipMulticastAll, value: 0),
      Option(name: "IP_PKTINFO", level: Int32(IPPROTO_IP), number: IP_PKTINFO, value: 1),
    ],
    .ipv6: [
      Option(
        name: "IPV6_MULTICAST_ALL", level: Int32(IPPROTO_IPV6), number: SocketOption.ipv6MulticastAll,
        value: 0),
      Option(
        name: "IPV6_RECVPKTINFO", level: Int32(IPPROTO_IPV6), number: SocketOption.ipv6ReceivePacketInfo,
        value: 1),
    ],
  ]

  private func group(_ family: AddressFamily) throws -> Endpoint {
    let group = try Loopback.group()
    guard family == .ipv6 else { return group }
    return Endpoint(IPAddress(family: .ipv6, high: 0xff15 << 48, low: group.address.low), port: group.port)
  }

  @Test("an adopted socket has every option again", arguments: [AddressFamily.ipv4, .ipv6])
  func options(family: AddressFamily) throws {
    let group = try group(family)
    let receiver = try MulticastReceiver(group: group, receiveBuffer: 65_536)
    let options = Self.common + (Self.ofFamily[family] ?? [])
    let old = OwnedSocket(owning: dup(receiver.descriptor))
    for option in options {
      #expect(old.option(option.level, option.number, as: Int32(-1)) == option.value, "\(option) before")
      try old.set(option.level, option.number, to: Int32(1 - option.value), "", for: option.name)
    }
    #expect(fcntl(receiver.descriptor, F_SETFL, 0) == 0)
    let descriptor = dup(receiver.descriptor)
    #expect(fcntl(descriptor, F_GETFD) == 0 && fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0)

    let heir = try #require(try MulticastReceiver(adopting: descriptor, group: group, receiveBuffer: 32_768))
    for option in options {
      #expect(old.option(option.level, option.number, as: Int32(-1)) == option.value, "\(option)")
    }
    #expect(fcntl(heir.descriptor, F_GETFD) == FD_CLOEXEC)
    #expect(fcntl(heir.descriptor, F_GETFL) & O_NONBLOCK != 0)
    #expect(heir.grantedReceiveBuffer == 32_768)
  }

  @Test("an adopted socket that had no options hears the group, with source, interface and time")
  func hears() throws {
    let group = try group(.ipv4)
    let plain = try PlainSocket(bound: group, reuse: true)
    let heir = try #require(
      try MulticastReceiver(adopting: dup(plain.socket.descriptor), group: group, receiveBuffer: 65_536))
    let lo = try Loopback.interface()
    try heir.join(interfaceIndex: lo.index)
    let sender = try Loopback.sender(group)
    #expect(sender.send("x") == nil)
    let heard = try heir.all()
    try #require(heard.count == 1)
    #expect(heard[0].source == Endpoint(Loopback.address, port: sender.sourcePort))
    #expect(heard[0].interfaceIndex == lo.index && heard[0].destination == group.address)
    #expect(heard[0].receivedNanoseconds > 0)
  }

  /// The kernel sets IPV6_V6ONLY by itself on a socket that is bound to an address: the wildcard is in doubt.
  @Test("an IPv6 socket that takes IPv4 as well is not adopted")
  func takesIPv4() throws {
    let site = try group(.ipv6)
    let group = Endpoint(IPAddress(family: .ipv6, high: 0xff02 << 48, low: site.address.low), port: site.port)
    let socket = try OwnedSocket(.ipv6)
    let descriptor = socket.descriptor
    try socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, to: Int32(0), "IPV6_V6ONLY", for: "")
    #expect(Endpoint(.unspecified(.ipv6), port: site.port).withSockaddr { bind(descriptor, $0, $1) } == 0)
    #expect(MulticastReceiver.obstacle(toAdopting: socket, group: group) == .ipv4Mapped)
    #expect(try MulticastReceiver(adopting: dup(socket.descriptor), group: group) == nil)
  }

  @Test("the obstacle to an adoption is returned, and the descriptor is not changed")
  func obstacles() throws {
    let group = try group(.ipv4)
    let receiver = try MulticastReceiver(group: group, receiveBuffer: 65_536)
    let elsewhere = try MulticastReceiver(group: try self.group(.ipv4), receiveBuffer: 65_536)
    let sameOfIPv6 = try MulticastReceiver(group: try self.group(.ipv6), receiveBuffer: 65_536)
    let raw = socket(AF_INET, Int32(SOCK_RAW.rawValue), Int32(IPPROTO_UDP))
    let file = open("/dev/null", O_RDONLY)
    defer {
      close(raw)
      close(file)
    }
    func obstacle(_ descriptor: Int32) -> AdoptionObstacle? {
      MulticastReceiver.obstacle(toAdopting: descriptor, group: group)
    }
    #expect(obstacle(receiver.descriptor) == nil && obstacle(receiver.descriptor) == nil)
    #expect(obstacle(elsewhere.descriptor) == .otherEndpoint)
    #expect(obstacle(sameOfIPv6.descriptor) == .otherKind)
    for descriptor in [raw, file, -1] { #expect(obstacle(descriptor) == .otherKind, "\(descriptor)") }
  }
}

@Suite(.enabled(if: NetlinkNamespace.isAvailable, NetlinkNamespace.needs))
struct AdoptionNamespaceTests {
  @Test("a socket of another network namespace is not adopted, though otherwise equal")
  func otherNamespace() throws {
    let group = try Loopback.group()
    let (descriptor, there) = try NetlinkNamespace.run { _ in
      let receiver = try MulticastReceiver(group: group, receiveBuffer: 65_536)
      try receiver.join(interfaceIndex: 1)
      #expect(MulticastReceiver.obstacle(toAdopting: receiver.descriptor, group: group) == nil)
      return withExtendedLifetime(receiver) { (dup(receiver.descriptor), NetworkNamespace.cookie) }
    }
    #expect(there != nil && NetworkNamespace.cookie != nil && there != NetworkNamespace.cookie)
    #expect(MulticastReceiver.obstacle(toAdopting: descriptor, group: group) == .otherNamespace)
    #expect(try MulticastReceiver(adopting: descriptor, group: group) == nil)
    #expect(fcntl(descriptor, F_GETFD) == -1 && errno == EBADF, "it is closed")
  }
}
