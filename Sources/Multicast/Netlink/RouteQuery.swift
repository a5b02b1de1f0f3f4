// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// Route look-up in the kernel (RTM_GETROUTE, rtnetlink(7)). Needs no privilege.
package enum RouteQuery {
  /// Output interface of the current route to `address`, by index.
  ///
  /// - Returns: `nil` without a route, or if the route refuses traffic (`RouteMessage.leadsSomewhere`).
  /// - Throws: `MulticastError.system` when the request itself fails.
  package static func interfaceIndex(to address: IPAddress) throws(MulticastError) -> UInt32? {
    try route(to: address)?.outputInterface
  }

  /// The same for an interface choice: only `auto` depends on the route.
  package static func interfaceIndex(
    for choice: InterfaceChoice, to group: IPAddress
  ) throws(MulticastError) -> UInt32? {
    choice == .automatic ? try interfaceIndex(to: group) : nil
  }

  /// The route to `address`, with the output interface and source address that the kernel would use.
  ///
  /// - Returns: `nil` without a route, or if the route refuses traffic (`RouteMessage.leadsSomewhere`).
  /// - Throws: `MulticastError.system` when the request itself fails.
  package static func route(to address: IPAddress) throws(MulticastError) -> RouteMessage? {
    var socket = try NetlinkSocket(isBlocking: true)
    var request = rtmsg()
    request.rtm_family = UInt8(address.family.domain)
    let payload: [UInt8]
    switch address.family {
    case .ipv4:
      request.rtm_dst_len = 32
      payload = withUnsafeBytes(of: address.inAddr) { [UInt8]($0) }
    case .ipv6:
      request.rtm_dst_len = 128
      payload = withUnsafeBytes(of: address.in6Addr) { [UInt8]($0) }
    }
    let attribute = netlinkAttribute(type: Int(RTA_DST.rawValue), payload: payload)
    try socket.send(
      type: Int(RTM_GETROUTE), flags: 0, sequence: 1, body: netlinkBody(request) + attribute)
    while true {
      guard case .messages(let envelopes) = try socket.receive() else {
        throw .system(call: "rtnetlink RTM_GETROUTE", object: "\(address)", errno: ETIMEDOUT)
      }
      for envelope in envelopes where envelope.sequence == 1 {
        switch envelope.message {
        case .route(let route):
          // For "unreachable" IPv6 returns a route of that type over lo.
          return route.leadsSomewhere ? route : nil
        case .error(let errno) where isRefusal(errno):
          return nil
        case .error(let errno):
          throw .system(call: "rtnetlink RTM_GETROUTE", object: "\(address)", errno: errno)
        default: continue
        }
      }
    }
  }

  /// No route, or one of type unreachable, prohibit or blackhole (fib_props in net/ipv4/fib_semantics.c).
  private static func isRefusal(_ errno: Int32) -> Bool {
    [ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, ENETDOWN, ENODEV].contains(errno)
  }
}
