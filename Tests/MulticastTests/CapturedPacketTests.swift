// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Multicast
@testable import Platform

struct CapturedPacketTests {
  private static let source = IPAddress(family: .ipv4, high: 0, low: 0x0a00_0005)
  private static let group = IPAddress(family: .ipv4, high: 0, low: 0xef01_0101)
  private static let source6 = IPAddress(family: .ipv6, high: 0xfe80 << 48, low: 5)
  private static let group6 = IPAddress(family: .ipv6, high: 0xff02 << 48, low: 1)

  private static func ipv4(_ proto: UInt8, options: Int = 0, fragment: UInt8 = 0, _ payload: [UInt8])
    -> [UInt8]
  {
    let length = UInt8(20 + options + payload.count)
    return [
      UInt8(0x45 + options / 4), 0, 0, length, 0, 0, 0, fragment, 1, proto, 0, 0, 10, 0, 0, 5, 239, 1, 1, 1,
    ]
      + [UInt8](repeating: 0, count: options) + payload
  }

  private static func ipv6(_ next: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let zeros = [UInt8](repeating: 0, count: 13)
    return [0x60, 0, 0, 0, 0, UInt8(payload.count), next, 1] + [0xfe, 0x80] + zeros + [5] + [0xff, 2] + zeros
      + [1]
      + payload
  }

  /// From port 46378 to 5001.
  private static let udp: [UInt8] = [0xb5, 0x2a, 0x13, 0x89, 0, 11, 0, 0, 65, 84, 85]

  @Test("a datagram's endpoints are read, with and without options", arguments: [0, 4, 40])
  func readsDatagram(options: Int) {
    let expected = CapturedPacket.datagram(
      source: Endpoint(Self.source, port: 46378), destination: Endpoint(Self.group, port: 5001))
    #expect(CapturedPacket(Self.ipv4(17, options: options, Self.udp)[...]) == expected)
  }

  @Test("a later fragment has no ports")
  func passesOverFragments() {
    #expect(CapturedPacket(Self.ipv4(17, fragment: 1, Self.udp)[...]) == .other)
  }

  @Test("general queries of IGMP are distinguished by version; others are not general")
  func readsIGMP() {
    let query: [UInt8] = [0x11, 100, 0, 0, 0, 0, 0, 0]
    #expect(
      CapturedPacket(Self.ipv4(2, options: 4, query)[...]) == .generalQuery(source: Self.source, version: 2))
    #expect(
      CapturedPacket(Self.ipv4(2, query + [2, 125, 0, 0])[...])
        == .generalQuery(source: Self.source, version: 3))
    #expect(
      CapturedPacket(Self.ipv4(2, [0x11, 0, 0, 0, 0, 0, 0, 0])[...])
        == .generalQuery(source: Self.source, version: 1))
    #expect(CapturedPacket(Self.ipv4(2, [0x11, 100, 0, 0, 239, 1, 1, 1])[...]) == .other)
    #expect(CapturedPacket(Self.ipv4(2, [0x16, 0, 0, 0, 0, 0, 0, 0])[...]) == .other)
  }

  @Test("IPv6 is read behind its extension headers")
  func readsIPv6() {
    let routerAlert: [UInt8] = [58, 0, 5, 2, 0, 0, 1, 0]
    let query: [UInt8] = [130, 0, 0, 0] + [UInt8](repeating: 0, count: 20)
    #expect(
      CapturedPacket(Self.ipv6(0, routerAlert + query)[...])
        == .generalQuery(source: Self.source6, version: 1))
    #expect(
      CapturedPacket(Self.ipv6(0, routerAlert + query + [2, 125, 0, 0])[...])
        == .generalQuery(source: Self.source6, version: 2))
    let datagram = CapturedPacket.datagram(
      source: Endpoint(Self.source6, port: 46378), destination: Endpoint(Self.group6, port: 5001))
    #expect(CapturedPacket(Self.ipv6(17, Self.udp)[...]) == datagram)
    #expect(CapturedPacket(Self.ipv6(44, [17, 0, 0, 1, 0, 0, 0, 9] + Self.udp)[...]) == datagram)
    #expect(CapturedPacket(Self.ipv6(44, [17, 0, 0, 9, 0, 0, 0, 9] + Self.udp)[...]) == .other)
  }

  @Test("parsing ends for any bytes and any truncation")
  func survivesNoise() {
    var state: UInt64 = 1
    let packets = [
      Self.ipv4(17, Self.udp), Self.ipv4(2, [0x11, 100, 0, 0, 0, 0, 0, 0]),
      Self.ipv6(0, [58, 0, 5, 2, 0, 0, 1, 0, 130, 0, 0, 0] + [UInt8](repeating: 0, count: 20)),
    ]
    for packet in packets {
      for length in 0..<28 { #expect(CapturedPacket(packet[..<length]) == .other) }
      for _ in 0..<5000 {
        var bytes = packet
        for _ in 0..<4 {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
        }
        _ = CapturedPacket(bytes[...])
      }
    }
  }
}
