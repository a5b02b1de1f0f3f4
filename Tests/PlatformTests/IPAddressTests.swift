// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Platform

struct IPAddressTests {
  @Test(
    "an address is read and written in its shortest form",
    arguments: [
      ("0.0.0.0", "0.0.0.0"), ("239.1.1.1", "239.1.1.1"), ("255.255.255.255", "255.255.255.255"),
      ("::", "::"),
      ("::1", "::1"), ("FF15:0:0::00AB", "ff15::ab"), ("fe80::1:0:0:5", "fe80::1:0:0:5"),
      ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
    ])
  func parsesAndPrints(text: String, shortest: String) throws {
    let address = try #require(IPAddress(text))
    #expect("\(address)" == shortest)
    #expect(IPAddress(shortest) == address)
    #expect(address.family == (text.contains(":") ? .ipv6 : .ipv4))
  }

  @Test(
    "what inet_pton(3) does not read is none",
    arguments: [
      "", " ", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "0x7f.0.0.1", "127.1",
      ":::",
      "1::2::3", "fe80::1%eth0", "12345::", "g::", "[::1]", "1.2.3.4:5", "１.2.3.4", "localhost",
    ])
  func refuses(text: String) { #expect(IPAddress(text) == nil) }

  @Test("nothing after a NUL is overlooked", arguments: ["239.1.1.1", "::1"])
  func refusesNUL(text: String) {
    #expect(IPAddress(text) != nil)
    #expect(IPAddress("\(text)\0") == nil && IPAddress("\(text)\0x") == nil)
  }

  @Test("the words are in numeric order, and come back from network order")
  func words() throws {
    let v4 = try #require(IPAddress("10.1.2.3"))
    #expect(v4.high == 0 && v4.low == 0x0a01_0203)
    #expect(IPAddress(v4.inAddr) == v4)
    #expect(withUnsafeBytes(of: v4.inAddr) { Array($0) } == [10, 1, 2, 3])
    let v6 = try #require(IPAddress("ff15:203:405:607:809:a0b:c0d:e0f"))
    #expect(v6.high == 0xff15_0203_0405_0607 && v6.low == 0x0809_0a0b_0c0d_0e0f)
    #expect(IPAddress(v6.in6Addr) == v6)
    #expect(withUnsafeBytes(of: v6.in6Addr) { Array($0.prefix(4)) } == [0xff, 0x15, 2, 3])
    #expect(v6.inAddr.s_addr == 0)
  }

  @Test("equal bits of another family are another address")
  func families() {
    #expect(IPAddress.unspecified(.ipv4) != IPAddress.unspecified(.ipv6))
    #expect(IPAddress.unspecified(.ipv4).isUnspecified && IPAddress.unspecified(.ipv6).isUnspecified)
    #expect(IPAddress("0.0.0.1")?.isUnspecified == false && IPAddress("1::")?.isUnspecified == false)
  }

  @Test(
    "how far a group reaches",
    arguments: [
      ("223.255.255.255", nil), ("224.0.0.0", .linkLocal), ("224.0.0.255", .linkLocal),
      ("224.0.1.0", .wider),
      ("232.1.1.1", .wider), ("239.0.0.1", .wider), ("239.191.255.255", .wider),
      ("239.192.0.0", .wider), ("239.195.255.255", .wider), ("239.196.0.0", .wider),
      ("239.255.0.0", .wider), ("239.255.255.255", .wider), ("240.0.0.0", nil), ("127.0.0.1", nil),
      ("ff01::1", .interfaceLocal), ("ff02::1", .linkLocal), ("ff12::1", .linkLocal), ("ff32::1", .linkLocal),
      ("ff05::1", .wider), ("ff15::1", .wider), ("ff08::1", .wider), ("ff0e::1", .wider),
      ("ff1e::1", .wider), ("fe80::1", nil), ("::1", nil), ("feff::1", nil),
    ] as [(String, MulticastScope?)])
  func scopes(text: String, scope: MulticastScope?) throws {
    let address = try #require(IPAddress(text))
    #expect(address.multicastScope == scope)
    #expect(address.isMulticast == (scope != nil))
  }

  @Test(
    "groups that need a source",
    arguments: [
      ("231.255.255.255", false), ("232.0.0.0", true), ("232.255.255.255", true), ("233.0.0.0", false),
      ("ff30::1", true), ("ff3e::8000:1", true), ("ff3f::1", true), ("ff3e:1::1", false), ("ff2e::1", false),
      ("ff4e::1", false), ("0.0.0.232", false), ("::ff30", false),
    ])
  func sourceSpecific(text: String, isIt: Bool) {
    #expect(IPAddress(text)?.isSourceSpecificGroup == isIt)
  }

  @Test(
    "loopback and link-local addresses",
    arguments: [
      ("127.0.0.1", true, false), ("127.255.255.255", true, false), ("128.0.0.0", false, false),
      ("126.255.255.255", false, false), ("::1", true, false), ("::2", false, false), ("1::1", false, false),
      ("169.254.0.1", false, true), ("169.255.0.1", false, false), ("169.253.255.255", false, false),
      ("fe80::1", false, true), ("febf::1", false, true), ("fec0::1", false, false),
      ("fe7f::1", false, false),
    ])
  func unicast(text: String, isLoopback: Bool, isLinkLocal: Bool) throws {
    let address = try #require(IPAddress(text))
    #expect(address.isLoopback == isLoopback && address.isLinkLocalUnicast == isLinkLocal)
  }
}

struct EndpointTests {
  @Test(
    "an endpoint survives the way through a sockaddr",
    arguments: [
      ("239.1.1.1", 5001, "239.1.1.1:5001"), ("ff15::1", 65_535, "[ff15::1]:65535"),
      ("0.0.0.0", 0, "0.0.0.0:0"),
    ]
      as [(String, UInt16, String)])
  func roundTrip(address: String, port: UInt16, text: String) throws {
    let endpoint = Endpoint(try #require(IPAddress(address)), port: port)
    #expect("\(endpoint)" == text)
    endpoint.withSockaddr { sockaddr, length in
      #expect(Endpoint(UnsafeRawPointer(sockaddr), length: Int(length)) == endpoint)
      #expect(Endpoint(UnsafeRawPointer(sockaddr), length: Int(length) - 1) == nil)
    }
  }

  @Test("a sockaddr is in network byte order, with the scope where it was asked for")
  func layout() throws {
    try Endpoint(#require(IPAddress("10.1.2.3")), port: 0x1389).withSockaddr { address, length in
      #expect(length == socklen_t(MemoryLayout<sockaddr_in>.size))
      let bytes = UnsafeRawBufferPointer(start: address, count: Int(length))
      #expect(bytes.load(as: sa_family_t.self) == sa_family_t(AF_INET))
      #expect(Array(bytes[2..<8]) == [0x13, 0x89, 10, 1, 2, 3])
    }
    try Endpoint(#require(IPAddress("ff02::1")), port: 1).withSockaddr(scope: 7) { address, length in
      #expect(length == socklen_t(MemoryLayout<sockaddr_in6>.size))
      #expect(UnsafeRawPointer(address).load(as: sockaddr_in6.self).sin6_scope_id == 7)
    }
  }

  @Test("an address of another family is none")
  func otherFamily() {
    var unix = sockaddr_storage()
    unix.ss_family = sa_family_t(AF_UNIX)
    withUnsafeBytes(of: &unix) { bytes in
      #expect(bytes.baseAddress.flatMap { Endpoint($0, length: bytes.count) } == nil)
    }
  }
}
