// SPDX-License-Identifier: Apache-2.0

import Platform

extension NftFact {
  /// - Parameter expression: the left side of a match, or the key of a verdict map.
  init(_ expression: JSONValue, _ packet: FirewallPacket) {
    guard let (kind, detail) = expression.only else {
      self = .unknown
      return
    }
    switch kind {
    case "meta": self = Self.meta(detail["key"]?.text ?? "", packet)
    case "payload": self = Self.payload(detail["protocol"]?.text ?? "", detail["field"]?.text ?? "", packet)
    case "ct":
      switch detail["key"]?.text {
      case "state": self = .named(packet.isInState)
      case "status": self = .named(packet.hasStatus)
      default: self = .unknown
      }
    // These datagrams have no routing header (RFC 5095 forbids type 0).
    case "exthdr" where detail["name"]?.text == "rt": self = .absent
    case "fib":
      let flags = detail["flags"]?.elements?.compactMap(\.text) ?? [detail["flags"]?.text ?? ""]
      let isType = detail["result"]?.text == "type" && flags == ["daddr"]
      self = isType ? .named { Ternary($0 == "multicast") } : .unknown
    case "concat":
      let facts = (detail.elements ?? []).map { part in
        // No part of a concatenation is one itself.
        part["concat"] == nil ? NftFact(part, packet) : .unknown
      }
      let isAbsent = facts.contains { if case .absent = $0 { true } else { false } }
      self = isAbsent ? .absent : .several(facts)
    default: self = .unknown
    }
  }

  private static func meta(_ key: String, _ packet: FirewallPacket) -> NftFact {
    let isIPv4 = packet.destination.family == .ipv4
    switch (key, packet.direction) {
    case ("iifname", .input), ("iif", .input), ("oifname", .output), ("oif", .output): return .interface
    case ("iifname", .output), ("iif", .output), ("oifname", .input), ("oif", .input): return .noInterface
    case ("l4proto", _): return .named { Ternary(packet.content.isCalled($0)) }
    case ("nfproto", _): return .named { Ternary($0 == (isIPv4 ? "ipv4" : "ipv6")) }
    case ("protocol", _): return .named { Ternary($0 == (isIPv4 ? "ip" : "ip6")) }
    case ("pkttype", _): return .named(packet.isOfType)
    default: return .unknown
    }
  }

  /// nft adds to a rule what a field takes: `udp dport` is of UDP only, `ip daddr` of IPv4.
  private static func payload(_ proto: String, _ field: String, _ packet: FirewallPacket) -> NftFact {
    let isIPv4 = packet.destination.family == .ipv4
    switch (proto, packet.content) {
    case ("ip", _): return isIPv4 ? network(field, packet) : .absent
    case ("ip6", _): return isIPv4 ? .absent : network(field, packet)
    case ("udp", .udp(let port)), ("th", .udp(let port)):
      return field == "dport" ? .number(Int(port)) : .unknown
    case ("icmpv6", .icmpv6):
      let type = packet.icmpv6Type
      return field == "type"
        ? .named { Ternary($0 == type.name || $0 == "\(type.number)") } : .unknown
    case ("igmp", .igmp), ("th", _), ("ether", _), ("vlan", _), ("arp", _): return .unknown
    case ("udp", _), ("tcp", _), ("icmp", _), ("icmpv6", _), ("igmp", _), ("sctp", _), ("dccp", _),
      ("esp", _),
      ("ah", _), ("comp", _), ("udplite", _):
      return .absent
    default: return .unknown
    }
  }

  private static func network(_ field: String, _ packet: FirewallPacket) -> NftFact {
    switch field {
    case "daddr": packet.isTranslated == .no ? .address(packet.destination) : .unknown
    case "saddr": .source
    // An IPv6 header may be followed by extensions first, as in MLD.
    case "protocol": .named { Ternary(packet.content.isCalled($0)) }
    case "nexthdr" where packet.content != .icmpv6: .named { Ternary(packet.content.isCalled($0)) }
    default: .unknown
    }
  }
}
