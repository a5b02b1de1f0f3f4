// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The two families of Internet addresses that carry multicast.
package enum AddressFamily: Hashable, Sendable {
  case ipv4
  case ipv6

  /// `IPv4` or `IPv6`.
  package var name: String {
    switch self {
    case .ipv4: "IPv4"
    case .ipv6: "IPv6"
    }
  }

  /// The constant of socket(2).
  package var domain: Int32 {
    switch self {
    case .ipv4: AF_INET
    case .ipv6: AF_INET6
    }
  }

  /// The protocol level of the options in ip(7) and ipv6(7).
  package var level: Int32 {
    switch self {
    case .ipv4: Int32(IPPROTO_IP)
    case .ipv6: Int32(IPPROTO_IPV6)
    }
  }
}
