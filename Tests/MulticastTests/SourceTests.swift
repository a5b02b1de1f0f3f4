// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Multicast
@testable import Platform

/// The address that a sender sends from.
@Suite(.enabled(if: NetlinkNamespace.isAvailable, NetlinkNamespace.needs))
struct SourceTests {
  /// Groups, and the scope in which an address is added that the kernel prefers to the one before.
  private static let cases = [
    ("239.9.9.9", "10.9.0.1", ["10.8.0.1/8", "10.9.0.9/24"]),
    ("ff15::9", "fd09::1", ["fd09::aaaa/64 nodad", "fd09::bbbb/128 nodad"]),
    ("ff02::9", nil, ["fe80::aaaa/64 nodad", "fe80::bbbb/128 nodad"]),
  ]

  private static func interface(_ name: String) throws -> NetworkInterface {
    try #require(try NetworkInterface.all().first { $0.name == name })
  }

  private static func sender(
    _ group: Endpoint, _ interface: NetworkInterface, preferring preferred: IPAddress? = nil
  ) throws -> MulticastSender {
    try MulticastSender(
      group: group, interface: interface, options: .init(ttl: 1, loopback: true), preferring: preferred)
  }

  /// Where a datagram really comes from.
  private static func heard(_ sender: MulticastSender, by receiver: MulticastReceiver) throws -> IPAddress {
    #expect(sender.send("x") == nil)
    var ready = pollfd(fd: receiver.descriptor, events: Int16(POLLIN), revents: 0)
    try #require(poll(&ready, 1, 5000) == 1)
    return try #require(try receiver.all().last).source.address
  }

  @Test("a sender keeps its source when addresses are added, and an heir takes it again", arguments: cases)
  func keeps(group: String, expected: String?, added: [String]) throws {
    let group = Endpoint(try #require(IPAddress(group)), port: 5009)
    try ReachTests.wired { here, there in
      let receiver = try MulticastReceiver(group: group, receiveBuffer: 1 << 20)
      try receiver.join(interfaceIndex: there.index)
      let sender = try Self.sender(group, here)
      if let expected { #expect("\(sender.source)" == expected) }
      #expect(sender.source.isLinkLocalUnicast == (expected == nil))
      #expect(try Self.heard(sender, by: receiver) == sender.source)
      for address in added { try NetlinkNamespace().ip("address add \(address) dev \(here.name)") }
      let now = try Self.interface(here.name)
      #expect(sender.canStay(on: now))
      #expect(try Self.heard(sender, by: receiver) == sender.source)
      #expect(try Self.sender(group, now, preferring: sender.source).source == sender.source)
      if group.address.family == .ipv6 {
        // What the kernel would do otherwise.
        #expect(try Self.sender(group, now).source != sender.source)
      }
    }
  }

  @Test("a source that is gone is replaced by one that is there", arguments: ["239.9.9.9", "ff15::9"])
  func gone(group: String) throws {
    let group = Endpoint(try #require(IPAddress(group)), port: 5009)
    try ReachTests.wired { here, there in
      let receiver = try MulticastReceiver(group: group, receiveBuffer: 1 << 20)
      try receiver.join(interfaceIndex: there.index)
      let sender = try Self.sender(group, here)
      let namespace = NetlinkNamespace()
      try namespace.ip("address add 10.8.0.1/24 dev \(here.name)")
      try namespace.ip("address add fd08::1/64 dev \(here.name) nodad")
      let length = group.address.family == .ipv4 ? 24 : 64
      try namespace.ip("address del \(sender.source)/\(length) dev \(here.name)")
      let now = try Self.interface(here.name)
      #expect(!sender.canStay(on: now))
      let heir = try Self.sender(group, now, preferring: sender.source)
      #expect("\(heir.source)" == (group.address.family == .ipv4 ? "10.8.0.1" : "fd08::1"))
      #expect(try Self.heard(heir, by: receiver) == heir.source)
    }
  }

  @Test("public addresses are preferred to temporary ones")
  func temporary() throws {
    let group = Endpoint(try #require(IPAddress("ff15::9")), port: 5009)
    try ReachTests.wired { here, _ in
      let namespace = NetlinkNamespace()
      try namespace.ip("address flush dev \(here.name) scope global")
      try ReachTests.set("ipv6/conf/\(here.name)/use_tempaddr", to: "2")
      try namespace.ip(
        "address add fd0a::1/64 dev \(here.name) mngtmpaddr nodad valid_lft 7200 preferred_lft 3600")
      let now = try Self.interface(here.name)
      #expect(now.addresses.filter { $0.high >> 48 == 0xfd0a }.count == 2, "\(now.addresses)")
      #expect("\(try Self.sender(group, now).source)" == "fd0a::1")
    }
  }

  @Test("a tentative address is refused with EADDRNOTAVAIL")
  func tentative() throws {
    let group = Endpoint(try #require(IPAddress("ff15::9")), port: 5009)
    try ReachTests.wired { here, _ in
      try ReachTests.set("ipv6/conf/\(here.name)/accept_dad", to: "1")
      try NetlinkNamespace().ip("address add fd0b::1/64 dev \(here.name)")
      let address = try #require(IPAddress("fd0b::1"))
      #expect(
        throws: MulticastError.system(call: "bind", object: "[fd0b::1]:0", errno: EADDRNOTAVAIL)
      ) {
        _ = try Self.sender(group, Self.interface(here.name), preferring: address)
      }
    }
  }

  @Test("on lo the source is the address of lo, though others have wider scope")
  func loopback() throws {
    let group = Endpoint(try #require(IPAddress("239.9.9.9")), port: 5009)
    try NetlinkNamespace.run { namespace in
      try namespace.ip("address add 10.6.0.1/32 dev lo")
      let receiver = try MulticastReceiver(group: group, receiveBuffer: 1 << 20)
      let lo = try Self.interface("lo")
      try receiver.join(interfaceIndex: lo.index)
      let sender = try Self.sender(group, lo)
      #expect("\(sender.source)" == "127.0.0.1")
      #expect(try Self.heard(sender, by: receiver) == sender.source)
    }
  }

  @Test("an interface without an address of the family still sends, from the unspecified address")
  func none() throws {
    let group = Endpoint(try #require(IPAddress("239.9.9.9")), port: 5009)
    try ReachTests.wired { here, _ in
      try NetlinkNamespace().ip("-4 address flush dev \(here.name)")
      let bare = try Self.interface(here.name)
      let sender = try Self.sender(group, bare)
      #expect(sender.source.isUnspecified && sender.canStay(on: bare))
      #expect(!sender.canStay(on: here))
    }
  }
}
