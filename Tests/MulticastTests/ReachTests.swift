// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Multicast
@testable import Platform

/// What lo cannot show: there, TTL and loopback make no difference, and IPv6 groups do not work. Two
/// interfaces that are one wire, in a namespace of its own.
@Suite(.enabled(if: NetlinkNamespace.isAvailable, NetlinkNamespace.needs))
struct ReachTests {
  static func wired(
    _ body: @escaping @Sendable (_ here: NetworkInterface, _ there: NetworkInterface) throws -> Void
  ) throws {
    try NetlinkNamespace.run { namespace in
      try namespace.ip("link add a0 index 10 type veth peer name b0 index 11")
      for (name, number) in [("a0", 1), ("b0", 2)] {
        try namespace.ip("address add 10.9.0.\(number)/24 dev \(name)")
        try namespace.ip("address add fd09::\(number)/64 dev \(name) nodad")
        try set("ipv6/conf/\(name)/accept_dad", to: "0")
        try namespace.ip("link set \(name) up")
        // Both ends have addresses of this host, which IPv4 would refuse to hear from without (martians).
        try set("ipv4/conf/\(name)/accept_local", to: "1")
      }
      try body(running("a0"), running("b0"))
    }
  }

  /// The interface, once the kernel has seen its carrier (up to a second, linkwatch) and given it what IPv6
  /// needs: before that it drops what is sent.
  private static func running(_ name: String) throws -> NetworkInterface {
    var patience = 1000
    while patience > 0 {
      let interface = try #require(try NetworkInterface.all().first { $0.name == name })
      if interface.isRunning,
        interface.addresses.contains(where: { $0.family == .ipv6 && $0.isLinkLocalUnicast })
      {
        return interface
      }
      var pause = timespec(tv_sec: 0, tv_nsec: 5_000_000)
      nanosleep(&pause, nil)
      patience -= 1
    }
    throw NamespaceRefused()
  }

  /// A setting of this thread's namespace.
  static func set(_ name: String, to value: String) throws {
    let file = try #require(fopen("/proc/sys/net/\(name)", "w"))
    fputs(value, file)
    try #require(fclose(file) == 0)
  }

  /// On which interfaces a receiver that is a member on both hears `text`, by the time at which `end` was
  /// heard on both.
  private static func hears(_ text: String, _ receiver: MulticastReceiver) throws -> [UInt32] {
    var heard: [Heard] = []
    while heard.count(where: { $0.payload == Array("end".utf8) }) < 2 {
      var ready = pollfd(fd: receiver.descriptor, events: Int16(POLLIN), revents: 0)
      try #require(poll(&ready, 1, 5000) == 1)
      heard += try receiver.all()
    }
    return heard.filter { $0.payload == Array(text.utf8) }.map(\.interfaceIndex).sorted()
  }

  @Test("TTL 0 stays in the host, loopback off is heard by others only", arguments: ["239.9.9.9", "ff15::9"])
  func reach(address: String) throws {
    let group = Endpoint(try #require(IPAddress(address)), port: 5009)
    try Self.wired { here, there in
      let receiver = try MulticastReceiver(group: group, receiveBuffer: 1 << 20)
      for interface in [here, there] { try receiver.join(interfaceIndex: interface.index) }
      // IPv6 looks at a hop limit of 0 only where it loops a datagram back (ip6_finish_output2).
      let neither = group.address.family == .ipv6 ? [there.index] : []
      for (ttl, loopback, expected) in [
        (1, true, [here.index, there.index]), (0, true, [here.index]), (1, false, [there.index]),
        (0, false, neither),
      ] as [(UInt8, Bool, [UInt32])] {
        let sender = try MulticastSender(
          group: group, interface: here, options: .init(ttl: 1, loopback: true))
        try sender.set(.init(ttl: ttl, loopback: loopback))
        #expect(sender.send("x") == nil)
        try sender.set(.init(ttl: 1, loopback: true))
        #expect(sender.send("end") == nil)
        #expect(try Self.hears("x", receiver) == expected, "ttl \(ttl), loopback \(loopback)")
      }
    }
  }

  @Test(
    "IPv6 datagrams arrive whole, with source, group and interface", arguments: ["ff15::9", "ff02::4242"])
  func ipv6(address: String) throws {
    let group = Endpoint(try #require(IPAddress(address)), port: 5009)
    try Self.wired { here, there in
      let receiver = try MulticastReceiver(group: group, receiveBuffer: 1 << 20)
      #expect(!receiver.isMember(interfaceIndex: there.index))
      for _ in 0..<2 { try receiver.join(interfaceIndex: there.index) }
      #expect(receiver.isMember(interfaceIndex: there.index))
      let sender = try MulticastSender(
        group: group, interface: here, options: .init(ttl: 1, loopback: false))
      let payload = [UInt8](repeating: 0x37, count: 65_527)
      #expect(sender.send(payload) == nil)
      var ready = pollfd(fd: receiver.descriptor, events: Int16(POLLIN), revents: 0)
      try #require(poll(&ready, 1, 5000) == 1)
      let heard = try receiver.all()
      try #require(heard.count == 1)
      #expect(heard[0].payload == payload && heard[0].destination == group.address)
      #expect(heard[0].interfaceIndex == there.index && heard[0].source.port == sender.sourcePort)
      #expect(here.addresses.contains(heard[0].source.address))
      let heir = try #require(try MulticastReceiver(adopting: dup(receiver.descriptor), group: group))
      #expect(heir.cookie == receiver.cookie)
    }
  }

  @Test("a member on one interface receives nothing from another")
  func oneInterface() throws {
    let group = Endpoint(try #require(IPAddress("239.9.9.9")), port: 5009)
    try Self.wired { here, there in
      let receiver = try MulticastReceiver(group: group, receiveBuffer: 1 << 20)
      try receiver.join(interfaceIndex: there.index)
      // With no member on the interface it leaves by, IPv4 would put even a datagram of TTL 0 on the wire.
      let neighbour = try MulticastReceiver(group: group, receiveBuffer: 1 << 20)
      try neighbour.join(interfaceIndex: here.index)
      let options = MulticastSender.Options(ttl: 0, loopback: true)
      let (elsewhere, ours) = (
        try MulticastSender(group: group, interface: here, options: options),
        try MulticastSender(group: group, interface: there, options: options)
      )
      #expect(elsewhere.send("elsewhere") == nil && ours.send("ours") == nil)
      #expect(try receiver.payloads() == ["ours"])
      #expect(try neighbour.payloads() == ["elsewhere"])
    }
  }
}
