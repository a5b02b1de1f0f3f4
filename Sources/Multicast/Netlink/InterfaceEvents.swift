// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// The socket on which the kernel tells of links, addresses, routes and rules (rtnetlink(7)).
///
/// Not Sendable: it belongs to the one queue that drains it.
final class InterfaceEvents {
  /// What a drain found.
  struct Change: Equatable {
    /// Something that may matter to a membership or to a sender changed, or events were lost.
    var happened = false
    /// A link went down, and the kernel may not be done with the consequences.
    var mayGoOn = false

    mutating func take(_ message: NetlinkMessage) {
      guard message.mayConcernMulticast else { return }
      happened = true
      switch message {
      case .linkRemoved: mayGoOn = true
      case .link(let link): mayGoOn = mayGoOn || link.flags & UInt32(IFF_UP) == 0
      default: break
      }
    }
  }

  private var socket: NetlinkSocket?

  /// For a Dispatch read source; -1 once it is closed.
  var descriptor: Int32 { socket?.descriptor ?? -1 }

  /// - Throws: `MulticastError.system` when there is no netlink socket to be had.
  init() throws(MulticastError) {
    socket = try NetlinkSocket(
      groups: [
        RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
        RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
      ],
      isBlocking: false)
  }

  /// Reads what is there, at most 256 datagrams so that a storm of events cannot keep the queue from its
  /// other work; what is left wakes the source again.
  func drain() -> Change {
    var change = Change()
    for _ in 0..<256 {
      do {
        switch try socket?.receive() {
        case .nothing, nil: return change
        case .lost: change = Change(happened: true, mayGoOn: true)
        case .messages(let envelopes):
          for envelope in envelopes { change.take(envelope.message) }
        }
      } catch {
        // A netlink socket knows no other error than those (netlink(7)); whatever it was, the tables tell the
        // truth.
        return Change(happened: true, mayGoOn: true)
      }
    }
    return change
  }

  func close() { socket = nil }
}
