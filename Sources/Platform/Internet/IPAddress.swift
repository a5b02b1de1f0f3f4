// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An IPv4 or IPv6 address in 17 bytes.
package struct IPAddress: Hashable, Sendable {
  // The family last, so that what holds an address has no gap in front of it.

  /// The upper 64 bits of an IPv6 address, 0 for IPv4; in numeric order, not network order.
  package let high: UInt64
  /// The lower 64 bits of an IPv6 address, or the 32 bits of an IPv4 address.
  package let low: UInt64
  package let family: AddressFamily

  @inlinable
  package init(family: AddressFamily, high: UInt64, low: UInt64) {
    self.family = family
    self.high = high
    self.low = low
  }

  package init(_ address: in_addr) {
    self.init(family: .ipv4, high: 0, low: UInt64(UInt32(bigEndian: address.s_addr)))
  }

  package init(_ address: in6_addr) {
    let words = withUnsafeBytes(of: address) {
      ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    self.init(family: .ipv6, high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
  }

  /// Reads the textual forms of inet_pton(3): dotted quad, or RFC 4291 section 2.2 without a zone.
  package init?(_ text: some StringProtocol) {
    let text = String(text)
    // inet_pton(3) would stop at a NUL and ignore the rest.
    guard !text.utf8.contains(0) else { return nil }
    var v4 = in_addr()
    if inet_pton(AF_INET, text, &v4) == 1 {
      self.init(v4)
      return
    }
    var v6 = in6_addr()
    guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
    self.init(v6)
  }

  // Written out and inlinable, because the receive loop compares addresses of every datagram from another
  // module.
  @inlinable
  package static func == (left: IPAddress, right: IPAddress) -> Bool {
    left.low == right.low && left.high == right.high && left.family == right.family
  }

  /// The wildcard address: 0.0.0.0 or ::.
  package static func unspecified(_ family: AddressFamily) -> IPAddress {
    IPAddress(family: family, high: 0, low: 0)
  }

  package var isUnspecified: Bool { high == 0 && low == 0 }

  /// In network byte order; 0.0.0.0 for an IPv6 address.
  package var inAddr: in_addr {
    in_addr(s_addr: family == .ipv4 ? UInt32(truncatingIfNeeded: low).bigEndian : 0)
  }

  /// In network byte order.
  package var in6Addr: in6_addr {
    var address = in6_addr()
    withUnsafeMutableBytes(of: &address) {
      $0.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
      $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    return address
  }
}

extension IPAddress: CustomStringConvertible {
  /// Dotted quad, or the shortest form of RFC 5952.
  package var description: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
      switch family {
      case .ipv4:
        var address = inAddr
        inet_ntop(AF_INET, &address, text.baseAddress, socklen_t(text.count))
      case .ipv6:
        var address = in6Addr
        inet_ntop(AF_INET6, &address, text.baseAddress, socklen_t(text.count))
      }
      return text.baseAddress.map { String(cString: $0) } ?? ""
    }
  }
}

extension IPAddress {
  /// Whether it is an address of a network.
  ///
  /// - Parameter prefixLength: bits of the network, clamped to 0–128.
  package func isWithin(_ network: IPAddress, prefixLength: Int) -> Bool {
    guard family == network.family else { return false }
    let prefixLength = min(max(prefixLength, 0), 128)
    switch family {
    case .ipv4:
      let shift = UInt64(max(32 - prefixLength, 0))
      return low >> shift == network.low >> shift
    case .ipv6:
      let upper = UInt64(max(64 - prefixLength, 0))
      let lower = UInt64(min(128 - prefixLength, 64))
      return high >> upper == network.high >> upper
        && (prefixLength <= 64 || low >> lower == network.low >> lower)
    }
  }

  /// In numeric order.
  package func isBelow(_ other: IPAddress) -> Bool { (high, low) < (other.high, other.low) }
}

extension IPAddress: TextCodable {}
