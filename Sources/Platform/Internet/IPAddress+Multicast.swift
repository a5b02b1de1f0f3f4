// SPDX-License-Identifier: Apache-2.0

/// How far the datagrams of a group may travel (RFC 4291 section 2.7; for IPv4 RFC 5771 section 4).
package enum MulticastScope: Sendable, Equatable {
  case interfaceLocal
  case linkLocal
  /// Site-local, organization-local or global: routers forward it.
  case wider
}

extension IPAddress {
  /// 224.0.0.0/4 (RFC 1112) or ff00::/8 (RFC 4291).
  package var isMulticast: Bool {
    switch family {
    case .ipv4: low >> 28 == 0xe
    case .ipv6: high >> 56 == 0xff
    }
  }

  /// 232.0.0.0/8 or ff3x::/32: groups that exist only together with a source (RFC 4607).
  package var isSourceSpecificGroup: Bool {
    switch family {
    case .ipv4: low >> 24 == 232
    case .ipv6: high >> 52 == 0xff3 && (high >> 32) & 0xffff == 0
    }
  }

  /// 127.0.0.0/8 or ::1.
  package var isLoopback: Bool {
    switch family {
    case .ipv4: low >> 24 == 127
    case .ipv6: high == 0 && low == 1
    }
  }

  /// 169.254.0.0/16 or fe80::/10: unique only together with the interface.
  package var isLinkLocalUnicast: Bool {
    switch family {
    case .ipv4: low >> 16 == 0xa9fe
    case .ipv6: high >> 54 == 0x3fa
    }
  }

  /// The scope of a group, `nil` for a unicast address.
  package var multicastScope: MulticastScope? {
    guard isMulticast else { return nil }
    switch family {
    case .ipv4:
      return low >> 8 == 0xe00000 ? .linkLocal : .wider
    case .ipv6:
      switch (high >> 48) & 0xf {
      case 0, 1: return .interfaceLocal
      case 2: return .linkLocal
      default: return .wider
      }
    }
  }
}
