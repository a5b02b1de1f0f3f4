// SPDX-License-Identifier: Apache-2.0

import Platform

/// A captured packet, classified as far as multicast needs it.
package enum CapturedPacket: Equatable, Sendable {
  /// A UDP datagram (or its first fragment).
  case datagram(source: Endpoint, destination: Endpoint)
  /// An IGMP or MLD query for all groups (RFC 3376 section 4.1, RFC 3810 section 5.1).
  ///
  /// - Parameter version: of IGMP 1 to 3, of MLD 1 or 2.
  case generalQuery(source: IPAddress, version: Int)
  case other

  /// - Parameter bytes: from the IP header on. Any bytes give one of the cases.
  package init(_ bytes: ArraySlice<UInt8>) {
    switch bytes.first.map({ $0 >> 4 }) {
    case 4: self = Self.ipv4(bytes) ?? .other
    case 6: self = Self.ipv6(bytes) ?? .other
    default: self = .other
    }
  }

  /// RFC 791 section 3.1.
  private static func ipv4(_ bytes: ArraySlice<UInt8>) -> CapturedPacket? {
    guard let first = bytes.first, let proto = bytes.integer(at: 9, as: UInt8.self),
      let total = bytes.integer(at: 2, as: UInt16.self).map({ Int(UInt16(bigEndian: $0)) }),
      let fragment = bytes.integer(at: 6, as: UInt16.self).map({ UInt16(bigEndian: $0) & 0x1fff }),
      let source = bytes.dropFirst(12).prefix(4).address,
      let destination = bytes.dropFirst(16).prefix(4).address
    else { return nil }
    let header = Int(first & 0xf) * 4
    guard header >= 20, fragment == 0 else { return nil }
    let payload = bytes.prefix(max(header, total)).rest(after: header)
    switch proto {
    case 17: return datagram(payload, from: source, to: destination)
    case 2: return igmp(payload, from: source)
    default: return nil
    }
  }

  /// RFC 8200, skipping the extension headers that have a length; a query has Hop-by-Hop Options (RFC 3810
  /// section 5).
  private static func ipv6(_ bytes: ArraySlice<UInt8>) -> CapturedPacket? {
    guard var next = bytes.integer(at: 6, as: UInt8.self), let source = bytes.dropFirst(8).prefix(16).address,
      let destination = bytes.dropFirst(24).prefix(16).address
    else { return nil }
    var rest = bytes.rest(after: 40)
    // Hop-by-Hop, Routing, Destination Options. Terminates, because a chain is no longer than the packet.
    while [0, 43, 60].contains(next) {
      guard let following = rest.integer(at: 0, as: UInt8.self),
        let length = rest.integer(at: 1, as: UInt8.self)
      else { return nil }
      next = following
      rest = rest.rest(after: (Int(length) + 1) * 8)
    }
    switch next {
    case 17: return datagram(rest, from: source, to: destination)
    case 44:
      guard rest.integer(at: 0, as: UInt8.self) == 17,
        let offset = rest.integer(at: 2, as: UInt16.self), UInt16(bigEndian: offset) & 0xfff8 == 0
      else { return nil }
      return datagram(rest.rest(after: 8), from: source, to: destination)
    case 58: return mld(rest, from: source)
    default: return nil
    }
  }

  private static func datagram(
    _ bytes: ArraySlice<UInt8>, from source: IPAddress, to destination: IPAddress
  ) -> CapturedPacket? {
    guard let sourcePort = bytes.integer(at: 0, as: UInt16.self),
      let port = bytes.integer(at: 2, as: UInt16.self), bytes.count >= 8
    else { return nil }
    return .datagram(
      source: Endpoint(source, port: UInt16(bigEndian: sourcePort)),
      destination: Endpoint(destination, port: UInt16(bigEndian: port)))
  }

  /// RFC 3376 section 7.1: length and Max Resp Code determine the version.
  private static func igmp(_ bytes: ArraySlice<UInt8>, from source: IPAddress) -> CapturedPacket? {
    guard bytes.count >= 8, bytes.integer(at: 0, as: UInt8.self) == 0x11,
      bytes.integer(at: 4, as: UInt32.self) == 0
    else { return nil }
    let version = bytes.count >= 12 ? 3 : bytes.integer(at: 1, as: UInt8.self) == 0 ? 1 : 2
    return .generalQuery(source: source, version: version)
  }

  /// RFC 3810 section 8.1.
  private static func mld(_ bytes: ArraySlice<UInt8>, from source: IPAddress) -> CapturedPacket? {
    guard bytes.integer(at: 0, as: UInt8.self) == 130, let group = bytes.dropFirst(8).prefix(16).address,
      group.isUnspecified
    else { return nil }
    return .generalQuery(source: source, version: bytes.count >= 28 ? 2 : 1)
  }
}
