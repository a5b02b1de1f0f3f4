// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// One message of the kernel on a NETLINK_ROUTE socket, as far as it tells of links, addresses and routes
/// (rtnetlink(7)).
///
/// Reading is total: whatever the bytes are, the answer is a list of messages, and what is cut short or means
/// nothing here is `other` or missing.
package enum NetlinkMessage: Equatable, Sendable {
  /// RTM_NEWLINK: an interface is there or has changed.
  case link(LinkMessage)
  /// RTM_DELLINK: an interface went away (or left a bridge, where `LinkMessage.isBridgePort`).
  case linkRemoved(LinkMessage)
  /// RTM_NEWADDR.
  case address(AddressMessage)
  /// RTM_DELADDR.
  case addressRemoved(AddressMessage)
  /// RTM_NEWROUTE: an event, or the answer to RTM_GETROUTE.
  case route(RouteMessage)
  /// RTM_DELROUTE.
  case routeRemoved(RouteMessage)
  /// RTM_NEWRULE or RTM_DELRULE: another table may be asked for the route from now on.
  case rule
  /// NLMSG_ERROR; 0 is an acknowledgement, otherwise a positive errno.
  case error(Int32)
  /// NLMSG_DONE: a dump is complete.
  case done
  /// NLMSG_OVERRUN: messages were lost.
  case overrun
  /// Of another type, or too short for its type.
  case other(type: UInt16)
}

/// A message with what its header says about it.
package struct NetlinkEnvelope: Equatable, Sendable {
  /// The sequence number of the request that it answers; 0 for an event.
  package var sequence: UInt32
  /// NLM_F_DUMP_INTR: the table changed while it was dumped.
  package var isInterrupted: Bool
  package var message: NetlinkMessage

  /// Every message in what one recvmsg(2) brought. The list ends at the first header that does not fit.
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
      // The last message need not be padded to the alignment, so this may ask for more than there is.
      bytes = bytes.rest(after: (Int(length) + 3) & ~3)
    }
    return envelopes
  }
}

extension NetlinkMessage {
  /// - Parameter body: what follows the nlmsghdr.
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
    self = message ?? .other(type: type)
  }

  /// Whether memberships or the way to a group may have changed with it.
  ///
  /// A router's unicast routes change all day and have no say in this.
  package var mayConcernMulticast: Bool {
    switch self {
    case .link, .linkRemoved, .address, .addressRemoved, .rule, .overrun: true
    case .route(let route), .routeRemoved(let route): route.coversMulticast
    case .error, .done, .other: false
    }
  }
}
