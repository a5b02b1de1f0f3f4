// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// Socket for the kernel's events of links, addresses, routes and rules (rtnetlink(7)).
///
/// Not Sendable: confined to the queue that drains it.
final class InterfaceEvents {
  /// Result of a drain.
  struct Change: Equatable {
    /// A change that may concern a membership or a sender, or events were lost.
    var happened = false
    /// A link went down, and the kernel may still be flushing its routes.
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

  /// For a Dispatch read source; -1 when closed.
  var descriptor: Int32 { socket?.descriptor ?? -1 }

  /// - Throws: `MulticastError.system` when no netlink socket can be opened.
  init() throws(MulticastError) {
    socket = try NetlinkSocket(
      groups: [
        RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
        RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
      ],
      isBlocking: false)
  }

  /// Reads the queued events, at most 256 datagrams, so that a storm of events cannot block the queue. The
  /// rest triggers the source again.
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
        // netlink(7) has no other errors than those; on any error the caller reads the tables again.
        return Change(happened: true, mayGoOn: true)
      }
    }
    return change
  }

  func close() { socket = nil }
}
