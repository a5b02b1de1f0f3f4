// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Multicast
@testable import Platform

struct ReceiverSocketTests {
  private let group: Endpoint

  init() throws { group = try Loopback.group() }

  @Test("an adopted socket keeps its memberships, its drop count and what is queued in it")
  func adopts() throws {
    let heir: MulticastReceiver
    let cookie: UInt64
    do {
      let receiver = try Loopback.receiver(group, buffer: 4096)
      let sender = try Loopback.sender(group)
      for number in 0..<100 { #expect(sender.send("\(number)") == nil) }
      cookie = receiver.cookie
      #expect(receiver.kernelDrops > 0 && cookie != 0)
      heir = try #require(try MulticastReceiver(adopting: dup(receiver.descriptor), group: group))
    }
    #expect(heir.cookie == cookie)
    #expect(heir.isMember(interfaceIndex: try Loopback.interface().index))
    let dropped = heir.kernelDrops
    let heard = try heir.all()
    #expect(heard.count + Int(dropped) == 100)
    #expect(heard.first?.payload == [0x30] && heard.first?.receivedNanoseconds != 0)
    #expect(try Loopback.sender(group).send("later") == nil)
    #expect(try heir.payloads() == ["later"])
  }

  @Test("a socket of another kind, or bound elsewhere, is not adopted")
  func refuses() throws {
    let type = Int32(SOCK_STREAM.rawValue)
    let stream = socket(AF_INET, type, 0)
    #expect(group.withSockaddr { bind(stream, $0, $1) } == 0)
    let otherGroup = try MulticastReceiver(group: Loopback.group(port: group.port), receiveBuffer: 4096)
    let otherPort = try MulticastReceiver(
      group: Endpoint(group.address, port: Loopback.group().port), receiveBuffer: 4096)
    let anyGroup = try PlainSocket(bound: Endpoint(.unspecified(.ipv4), port: 0))
    let descriptors = [
      open("/dev/null", O_RDONLY), socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0), stream,
      dup(otherGroup.descriptor), dup(otherPort.descriptor), dup(anyGroup.socket.descriptor),
    ]
    for descriptor in descriptors {
      try #require(descriptor >= 0)
      #expect(try MulticastReceiver(adopting: descriptor, group: group) == nil)
    }
  }

  @Test("a descriptor that is not adopted is closed")
  func closes() throws {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0, &ends) == 0)
    defer { close(ends[1]) }
    #expect(try MulticastReceiver(adopting: ends[0], group: group) == nil)
    // Its other end is alone now.
    #expect(send(ends[1], "x", 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) == -1 && errno == ECONNREFUSED)
  }

  @Test("every socket has a unique cookie")
  func cookies() throws {
    let (first, second) = (
      try MulticastReceiver(group: group, receiveBuffer: 4096),
      try MulticastReceiver(group: group, receiveBuffer: 4096)
    )
    #expect(first.cookie != second.cookie && first.cookie == first.cookie)
  }

  @Test("the granted buffer is the requested one, or the kernel's limit")
  func buffer() throws {
    let receiver = try MulticastReceiver(group: group, receiveBuffer: 65_536)
    #expect(receiver.grantedReceiveBuffer == 65_536)
    try receiver.setReceiveBuffer(32_768)
    #expect(receiver.grantedReceiveBuffer == 32_768)
    try receiver.setReceiveBuffer(.max)
    let granted = receiver.grantedReceiveBuffer
    #expect(granted >= 32_768 && granted < Int(Int32.max))
  }

  @Test("a port that a socket without SO_REUSEADDR holds is refused with call, endpoint and errno")
  func inUse() throws {
    let plain = try PlainSocket(bound: group)
    #expect(throws: MulticastError.system(call: "bind", object: "\(group)", errno: EADDRINUSE)) {
      _ = try MulticastReceiver(group: group, receiveBuffer: 4096)
    }
    #expect(plain.socket.localEndpoint == group)
  }

  @Test("a port is shared with sockets that have SO_REUSEADDR")
  func shared() throws {
    let plain = try PlainSocket(bound: group, reuse: true)
    let receiver = try Loopback.receiver(group)
    try plain.send([0x61], to: group)
    #expect(try receiver.payloads() == ["a"])
  }

  @Test("a sender on a missing interface is refused with call, interface and errno")
  func noInterface() throws {
    let gone = NetworkInterface(index: 9999, name: "gone0", flags: 0, addresses: [])
    #expect(
      throws: MulticastError.system(call: "setsockopt IP_MULTICAST_IF", object: "gone0", errno: EADDRNOTAVAIL)
    ) {
      _ = try MulticastSender(group: group, interface: gone, options: .init(ttl: 1, loopback: true))
    }
  }

  @Test("an error names the call, the object and errno")
  func description() {
    let error = MulticastError.system(call: "bind", object: "239.1.1.1:5001", errno: EADDRINUSE)
    #expect("\(error)" == "bind for 239.1.1.1:5001: Address already in use (EADDRINUSE)")
    #expect(error.errno == EADDRINUSE)
    #expect(errnoText(ENOTTY) == "Inappropriate ioctl for device (errno \(ENOTTY))")
  }
}
