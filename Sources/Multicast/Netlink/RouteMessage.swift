// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// A route in RTM_NEWROUTE or RTM_DELROUTE (struct rtmsg, rtnetlink(7)).
package struct RouteMessage: Equatable, Sendable {
  /// RTN_UNICAST …
  package var type: UInt8
  /// Prefix length of the destination, in bits.
  package var prefixLength: UInt8
  /// `nil` for the default route.
  package var destination: IPAddress?
  /// Index of the output interface; `nil` with several next hops.
  package var outputInterface: UInt32?

  /// - Parameter body: the bytes after the nlmsghdr; `nil` if shorter than an rtmsg.
  package init?(_ body: ArraySlice<UInt8>) {
    guard body.count >= MemoryLayout<rtmsg>.size,
      let prefix = body.integer(at: 1, as: UInt8.self), let type = body.integer(at: 7, as: UInt8.self)
    else { return nil }
    self.type = type
    prefixLength = prefix
    for attribute in NetlinkAttributes(body.rest(after: MemoryLayout<rtmsg>.size)) {
      switch UInt32(attribute.type) {
      case RTA_DST.rawValue: destination = attribute.payload.address
      case RTA_OIF.rawValue: outputInterface = attribute.payload.integer(at: 0, as: UInt32.self)
      default: break
      }
    }
  }

  /// Not of a type that refuses traffic (RTN_UNREACHABLE, RTN_PROHIBIT, RTN_BLACKHOLE …).
  package var leadsSomewhere: Bool {
    switch Int(type) {
    case Int(RTN_UNICAST), Int(RTN_MULTICAST), Int(RTN_LOCAL), Int(RTN_BROADCAST), Int(RTN_ANYCAST): true
    default: false
    }
  }

  /// Whether its destinations may include a group: a default route, or a prefix that lies in or around
  /// 224.0.0.0/4 or ff00::/8.
  package var coversMulticast: Bool {
    guard let destination, prefixLength > 0 else { return true }
    switch destination.family {
    case .ipv4:
      let compared = min(4, UInt64(prefixLength))
      return (destination.low & 0xffff_ffff) >> (32 - compared) == 0xe >> (4 - compared)
    case .ipv6:
      let compared = min(8, UInt64(prefixLength))
      return destination.high >> (64 - compared) == 0xff >> (8 - compared)
    }
  }
}
