// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A kernel message on a NETLINK_ROUTE socket about links, addresses, routes or rules (rtnetlink(7)).
///
/// Parsing is total: any bytes give a list of messages. A truncated or unknown message is `other` or omitted.
package enum NetlinkMessage: Equatable, Sendable {
  /// RTM_NEWLINK: an interface exists or has changed.
  case link(LinkMessage)
  /// RTM_DELLINK: an interface was removed (or left a bridge, if `LinkMessage.isBridgePort`).
  case linkRemoved(LinkMessage)
  /// RTM_NEWADDR.
  case address(AddressMessage)
  /// RTM_DELADDR.
  case addressRemoved(AddressMessage)
  /// RTM_NEWROUTE: an event, or the answer to RTM_GETROUTE.
  case route(RouteMessage)
  /// RTM_DELROUTE.
  case routeRemoved(RouteMessage)
  /// RTM_NEWRULE or RTM_DELRULE: routes may now be looked up in another table.
  case rule
  /// NLMSG_ERROR; 0 is an acknowledgement, otherwise a positive errno.
  case error(Int32)
  /// NLMSG_DONE: a dump is complete.
  case done
  /// NLMSG_OVERRUN: messages were lost.
  case overrun
  /// Another type, or too short for its type.
  case other
}

/// A message and the fields of its header.
package struct NetlinkEnvelope: Equatable, Sendable {
  /// Sequence number of the request; 0 for an event.
  package var sequence: UInt32
  /// NLM_F_DUMP_INTR: the table changed while it was dumped.
  package var isInterrupted: Bool
  package var message: NetlinkMessage

  /// All messages of one recvmsg(2). Ends at the first header whose length does not fit.
  package static func parse(_ bytes: ArraySlice<UInt8>) -> [NetlinkEnvelope] {
    var envelopes: [NetlinkEnvelope] = []
    var bytes = bytes
    let header = MemoryLayout<nlmsghdr>.size
    while let length = bytes.integer(at: 0, as: UInt32.self), length >= header, length <= bytes.count,
      let type = bytes.integer(at: 4, as: UInt16.self), let flags = bytes.integer(at: 6, as: UInt16.self),
      let sequence = bytes.integer(at: 8, as: UInt32.self)
    {
      envelopes.append(
        NetlinkEnvelope(
          sequence: sequence,
          isInterrupted: flags & UInt16(NLM_F_DUMP_INTR) != 0,
          message: NetlinkMessage(type: type, body: bytes.prefix(Int(length)).rest(after: header))))
      // The last message need not be padded to the alignment, so this may exceed the remaining bytes.
      bytes = bytes.rest(after: (Int(length) + 3) & ~3)
    }
    return envelopes
  }
}

extension NetlinkMessage {
  /// - Parameter body: the bytes after the nlmsghdr.
  package init(type: UInt16, body: ArraySlice<UInt8>) {
    let message: NetlinkMessage? =
      switch Int(type) {
      case Int(NLMSG_ERROR): body.integer(at: 0, as: Int32.self).map { .error($0 == .min ? .max : abs($0)) }
      case Int(NLMSG_DONE): .done
      case Int(NLMSG_OVERRUN): .overrun
      case Int(RTM_NEWLINK): LinkMessage(body).map { .link($0) }
      case Int(RTM_DELLINK): LinkMessage(body).map { .linkRemoved($0) }
      case Int(RTM_NEWADDR): AddressMessage(body).map { .address($0) }
      case Int(RTM_DELADDR): AddressMessage(body).map { .addressRemoved($0) }
      case Int(RTM_NEWROUTE): RouteMessage(body).map { .route($0) }
      case Int(RTM_DELROUTE): RouteMessage(body).map { .routeRemoved($0) }
      case Int(RTM_NEWRULE), Int(RTM_DELRULE): .rule
      default: nil
      }
    self = message ?? .other
  }

  /// Whether it may change memberships or the route to a group.
  ///
  /// False for unicast routes, which change all day on a router.
  package var mayConcernMulticast: Bool {
    switch self {
    case .link, .linkRemoved, .address, .addressRemoved, .rule, .overrun: true
    case .route(let route), .routeRemoved(let route): route.coversMulticast
    case .error, .done, .other: false
    }
  }
}
