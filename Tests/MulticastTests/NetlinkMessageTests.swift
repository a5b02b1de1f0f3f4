// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Multicast
@testable import Platform

/// The numbers below are those of linux/rtnetlink.h, written out so that the tests do not share a mistake
/// with the code.
struct NetlinkMessageTests {
  /// RTM_NEWLINK for eth7, index 7, up and multicast-capable, a veth that is a port of 3.
  static let link = message(
    type: 16,
    body: [0, 0, 1, 0] + word(7) + word(0x1043) + word(0)
      + attribute(3, Array("eth7".utf8) + [0])
      + attribute(16, [6])
      + attribute(10, word(3))
      + attribute(18 | 0x8000, attribute(1, Array("veth".utf8) + [0])))

  @Test("a link's name, flags, master and kind are read")
  func readsLink() throws {
    let envelopes = NetlinkEnvelope.parse(Self.link[...])
    guard case .link(let link) = try #require(envelopes.first).message else {
      Issue.record("not a link: \(envelopes)")
      return
    }
    #expect(link.index == 7)
    #expect(link.name == "eth7")
    #expect(link.flags == 0x1043)
    #expect(link.master == 3)
    #expect(link.kind == "veth")
    #expect(!link.isBridgePort)
  }

  @Test(
    "alternative names are read from the list of properties, and each matches the interface")
  func readsAlternativeNames() throws {
    let long = String(repeating: "n", count: 127)
    let names = Self.attribute(53, Array("enp3s0".utf8) + [0]) + Self.attribute(53, Array(long.utf8) + [0])
    let body =
      [0, 0, 1, 0] + Self.word(7) + Self.word(0x1043) + Self.word(0)
      + Self.attribute(3, Array("eth7".utf8) + [0]) + Self.attribute(52 | 0x8000, names)
    let table = InterfaceTable([NetlinkMessage(type: 16, body: body[...])])
    let interface = try #require(table[index: 7]).interface
    #expect(interface.alternativeNames == ["enp3s0", long])
    for name in ["eth7", "enp3s0", long] {
      #expect(InterfaceReference.name(name).matches(interface))
      #expect(table[name: name]?.interface == interface)
      #expect(InterfacePlan.missing(.listed([.name(name)]), in: table.interfaces) == [])
    }
    for name in ["eth", "enp3s", "enp3s00", ""] { #expect(!InterfaceReference.name(name).matches(interface)) }
  }

  @Test("the address of a point-to-point link is the local end")
  func readsLocalAddress() throws {
    let body =
      [2, 32, 0, 0] + Self.word(9) + Self.attribute(1, [10, 0, 0, 2]) + Self.attribute(2, [10, 0, 0, 1])
    guard case .address(let address) = NetlinkMessage(type: 20, body: body[...]) else {
      Issue.record("not an address")
      return
    }
    #expect(address.index == 9)
    #expect(address.address == IPAddress("10.0.0.1"))
    #expect(!address.isTentative)
  }

  @Test("a tentative IPv6 address is recognised, also by IFA_FLAGS")
  func readsTentativeAddress() throws {
    let address = [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [1]
    let body =
      [10, 64, 0, 0] + Self.word(2) + Self.attribute(1, address) + Self.attribute(8, Self.word(0x40))
    guard case .addressRemoved(let message) = NetlinkMessage(type: 21, body: body[...]) else {
      Issue.record("not an address")
      return
    }
    #expect(message.address == IPAddress("fe80::1"))
    #expect(message.isTentative)
  }

  @Test("several messages in one datagram are all read, errors as positive numbers")
  func readsSeveral() {
    let bytes =
      Self.link + Self.message(type: 2, body: Self.word(UInt32(bitPattern: -101)))
      + Self.message(type: 3, flags: 0x10, sequence: 5, body: Self.word(0))
    let envelopes = NetlinkEnvelope.parse(bytes[...])
    #expect(envelopes.count == 3)
    #expect(envelopes[1].message == .error(101))
    #expect(envelopes[2] == NetlinkEnvelope(sequence: 5, isInterrupted: true, message: .done))
  }

  @Test("a truncated datagram gives only its complete messages")
  func survivesEveryCut() {
    let bytes = Self.link + Self.link
    for length in 0..<bytes.count {
      let envelopes = NetlinkEnvelope.parse(bytes[..<length])
      #expect(envelopes.count == length / Self.link.count)
    }
  }

  @Test(
    "wrong lengths end parsing",
    arguments: [0, 1, 3, 15, 17, 200, 0x7fff_ffff, 0xffff_ffff] as [UInt32])
  func survivesFalseLengths(length: UInt32) {
    var bytes = Self.link
    bytes.replaceSubrange(0..<4, with: Self.word(length))
    let envelopes = NetlinkEnvelope.parse(bytes[...])
    #expect(envelopes.count <= 1)
    var attributes = NetlinkAttributes((Self.word(length) + Self.word(0))[...])
    #expect(attributes.next().map { $0.payload.count <= 4 } ?? true)
  }

  @Test("parsing ends for any bytes")
  func survivesNoise() {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    for _ in 0..<20_000 {
      var bytes = Self.link + Self.link
      for _ in 0..<6 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
      }
      #expect(NetlinkEnvelope.parse(bytes[...]).count <= bytes.count / 16)
    }
  }

  @Test(
    "only routes that may cover a group matter",
    arguments: [
      ("0.0.0.0", 0, true), ("224.0.0.0", 4, true), ("239.1.1.1", 32, true), ("128.0.0.0", 1, true),
      ("224.0.0.0", 3, true), ("192.168.1.0", 24, false), ("0.0.0.0", 1, false), ("192.0.0.0", 3, false),
      ("::", 0, true), ("ff00::", 8, true), ("ff15::1", 128, true), ("8000::", 1, true),
      ("fe80::", 64, false),
      ("2001:db8::", 32, false),
    ])
  func coversMulticast(destination: String, prefix: UInt8, expected: Bool) throws {
    let address = try #require(IPAddress(destination))
    let isIPv4 = address.family == .ipv4
    let bytes =
      isIPv4
      ? withUnsafeBytes(of: address.inAddr) { [UInt8]($0) }
      : withUnsafeBytes(of: address.in6Addr) { [UInt8]($0) }
    let body = [isIPv4 ? 2 : 10, prefix, 0, 0, 254, 0, 0, 1] + Self.word(0) + Self.attribute(1, bytes)
    #expect(NetlinkMessage(type: 24, body: body[...]).mayConcernMulticast == expected)
    #expect(NetlinkMessage(type: 25, body: body[...]).mayConcernMulticast == expected)
  }

  @Test("a route that refuses leads nowhere", arguments: [6, 7, 8, 9] as [UInt8])
  func refuses(type: UInt8) throws {
    let body = [10, 128, 0, 0, 254, 0, 0, type] + Self.word(0) + Self.attribute(4, Self.word(1))
    let route = try #require(RouteMessage(body[...]))
    #expect(route.outputInterface == 1)
    #expect(!route.leadsSomewhere)
    let leading = try #require(RouteMessage((body.prefix(7) + [5] + body.dropFirst(8))[...]))
    #expect(leading.leadsSomewhere)
  }

  @Test("a table is built from messages, without those of family AF_BRIDGE")
  func buildsTable() throws {
    let port = Self.message(type: 17, body: [7, 0, 1, 0] + Self.word(7) + Self.word(0x1043) + Self.word(0))
    let address = Self.message(
      type: 20, body: [2, 24, 0, 0] + Self.word(7) + Self.attribute(2, [10, 0, 0, 1]))
    let messages = NetlinkEnvelope.parse((Self.link + address + port)[...]).map(\.message)
    let entry = try #require(InterfaceTable(messages)[name: "eth7"])
    #expect(entry.interface.addresses == [try #require(IPAddress("10.0.0.1"))])
    #expect(entry.master == 3)
    let removal = NetlinkMessage(
      type: 17, body: ([0, 0, 1, 0] + Self.word(7) + Self.word(0) + Self.word(0))[...])
    #expect(InterfaceTable(messages + [removal]).entries.isEmpty)
  }

  static func message(type: UInt16, flags: UInt16 = 0, sequence: UInt32 = 0, body: [UInt8]) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: -body.count & 3)
    return word(UInt32(16 + body.count)) + half(type) + half(flags) + word(sequence) + word(0) + body
      + padding
  }

  static func attribute(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
    half(UInt16(4 + payload.count)) + half(type) + payload
      + [UInt8](repeating: 0, count: -payload.count & 3)
  }

  static func word(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value) { [UInt8]($0) } }

  static func half(_ value: UInt16) -> [UInt8] { withUnsafeBytes(of: value) { [UInt8]($0) } }
}
