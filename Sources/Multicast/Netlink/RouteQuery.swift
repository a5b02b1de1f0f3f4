// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// Asks the kernel where it would send (RTM_GETROUTE, rtnetlink(7)). It takes no privilege.
package enum RouteQuery {
  /// The index of the interface that the route to `address` leads to, as the routing tables are now.
  ///
  /// - Returns: `nil` where there is no route, or one that refuses.
  /// - Throws: `MulticastError.system` when the question itself fails.
  package static func interfaceIndex(to address: IPAddress) throws(MulticastError) -> UInt32? {
    try route(to: address)?.outputInterface
  }

  /// The same for a choice of interfaces: only `auto` depends on the route.
  package static func interfaceIndex(
    for choice: InterfaceChoice, to group: IPAddress
  ) throws(MulticastError) -> UInt32? {
    choice == .automatic ? try interfaceIndex(to: group) : nil
  }

  /// The route to `address`, with the interface and the source address that the kernel would take.
  ///
  /// - Returns: `nil` where there is no route, or one that refuses.
  /// - Throws: `MulticastError.system` when the question itself fails.
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
          // IPv6 answers "unreachable" with a route of that type over lo.
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

  /// No route at all, or the types unreachable, prohibit and blackhole (fib_props in
  /// net/ipv4/fib_semantics.c).
  private static func isRefusal(_ errno: Int32) -> Bool {
    [ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, ENETDOWN, ENODEV].contains(errno)
  }
}
