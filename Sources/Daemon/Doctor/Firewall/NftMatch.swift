// SPDX-License-Identifier: Apache-2.0

import Multicast

/// What the matches of nftables say of a packet (libnftables-json(5)): yes, no, or `nil` for what is not known
/// beforehand or not understood.
enum NftMatch {
  /// - Parameter match: the object of a match statement: op, left, right.
  static func matches(_ packet: FirewallPacket, _ match: JSON, set: (String) -> [JSON]?) -> Bool? {
    guard let left = match["left"], let right = match["right"] else { return nil }
    let answer = matches(packet, left, right, set: set)
    switch match["op"]?.text {
    case "==", "in": return answer
    case "!=": return answer.map { !$0 }
    default: return nil
    }
  }

  /// Whether what `left` looks at is what `right` says, or is in it.
  static func matches(
    _ packet: FirewallPacket, _ left: JSON, _ right: JSON, set: (String) -> [JSON]?
  ) -> Bool? {
    if case .string("*") = right { return true }
    if case .string(let name) = right, name.hasPrefix("@") {
      return set(String(name.dropFirst())).flatMap { any($0) { matches(packet, left, $0, set: set) } }
    }
    if let elements = right["set"]?.elements ?? right.elements {
      return any(elements) { matches(packet, left, $0, set: set) }
    }
    if let value = right["elem"]?["val"] { return matches(packet, left, value, set: set) }
    if let parts = left["concat"]?.elements {
      guard let values = right["concat"]?.elements, values.count == parts.count else { return nil }
      let answers = zip(parts, values).map { matches(packet, $0, $1, set: set) }
      return answers.contains(false) ? false : answers.contains(nil) ? nil : true
    }
    guard let (kind, detail) = left.only else { return nil }
    switch kind {
    case "meta": return meta(packet, detail["key"]?.text ?? "", right)
    case "payload": return payload(packet, detail, right)
    case "ct": return state(detail["key"]?.text ?? "", right)
    case "fib": return fib(detail, right)
    default: return nil
    }
  }

  /// The entries of a verdict map.
  static func entries(of map: JSON) -> [(JSON, FirewallRule.Verdict)] {
    (map["data"]?["set"]?.elements ?? []).compactMap { entry in
      guard let pair = entry.elements, pair.count == 2, let verdict = verdict(pair[1]) else { return nil }
      return (pair[0], verdict)
    }
  }

  /// `nil` for what is no verdict.
  static func verdict(_ statement: JSON) -> FirewallRule.Verdict? {
    guard let (key, value) = statement.only else { return nil }
    switch key {
    case "accept": return .accept
    case "drop", "reject": return .drop
    case "return": return .returnToCaller
    case "jump": return value["target"]?.text.map { .jump($0) }
    case "goto": return value["target"]?.text.map { .goTo($0) }
    default: return nil
    }
  }

  private static func any(_ elements: [JSON], _ matches: (JSON) -> Bool?) -> Bool? {
    var answer: Bool? = false
    for element in elements {
      switch matches(element) {
      case true: return true
      case nil: answer = nil
      default: break
      }
    }
    return answer
  }

  private static func meta(_ packet: FirewallPacket, _ key: String, _ right: JSON) -> Bool? {
    guard let text = right.text else { return nil }
    switch (key, packet.direction) {
    case ("iifname", .input), ("iif", .input), ("oifname", .output), ("oif", .output):
      return isName(packet.interface, text)
    case ("iifname", .output), ("iif", .output), ("oifname", .input), ("oif", .input): return false
    case ("l4proto", _): return packet.content.isCalled(text)
    case ("nfproto", _): return text == (packet.destination.family == .ipv4 ? "ipv4" : "ipv6")
    case ("protocol", _): return text == (packet.destination.family == .ipv4 ? "ip" : "ip6")
    case ("pkttype", .input): return text == "multicast"
    default: return nil
    }
  }

  private static func payload(_ packet: FirewallPacket, _ payload: JSON, _ right: JSON) -> Bool? {
    let isIPv4 = packet.destination.family == .ipv4
    switch (payload["protocol"]?.text, payload["field"]?.text) {
    case ("ip", let field): return isIPv4 ? network(packet, field, right) : false
    case ("ip6", let field): return isIPv4 ? false : network(packet, field, right)
    case ("udp", let field), ("th", let field):
      guard case .udp(let port) = packet.content else { return false }
      return field == "dport" ? contains(right, Int(port)) : nil
    case (let proto?, _) where ["tcp", "icmp", "sctp", "dccp", "esp", "ah"].contains(proto): return false
    case ("igmp", _) where packet.content != .igmp: return false
    case ("icmpv6", _) where packet.content != .icmpv6: return false
    default: return nil
    }
  }

  private static func network(_ packet: FirewallPacket, _ field: String?, _ right: JSON) -> Bool? {
    switch field {
    case "daddr": return contains(right, packet.destination)
    case "saddr":
      // No packet has a group for its source.
      return right["prefix"].flatMap(prefix).map { $0.address.isMulticast ? false : nil } ?? nil
    case "protocol", "nexthdr": return right.text.map(packet.content.isCalled)
    default: return nil
    }
  }

  private static func contains(_ right: JSON, _ port: Int) -> Bool? {
    if let range = right["range"]?.elements, range.count == 2, let low = range[0].integer,
      let high = range[1].integer
    {
      return (low...max(low, high)).contains(port)
    }
    return right.integer.map { $0 == port }
  }

  private static func contains(_ right: JSON, _ address: IPAddress) -> Bool? {
    if let prefix = right["prefix"] {
      return Self.prefix(prefix).map { address.isWithin($0.address, prefixLength: $0.length) }
    }
    if let range = right["range"]?.elements, range.count == 2,
      let low = range[0].text.flatMap({ IPAddress($0) }),
      let high = range[1].text.flatMap({ IPAddress($0) })
    {
      return low.family == address.family && !address.isBelow(low) && !high.isBelow(address)
    }
    return right.text.flatMap { IPAddress($0) }.map { $0 == address }
  }

  private static func prefix(_ prefix: JSON) -> (address: IPAddress, length: Int)? {
    guard let address = prefix["addr"]?.text.flatMap({ IPAddress($0) }), let length = prefix["len"]?.integer
    else { return nil }
    return (address, length)
  }

  /// Datagrams to a group belong to no connection that was seen in the other direction: they are new, always.
  private static func state(_ key: String, _ right: JSON) -> Bool? {
    guard key == "state", let text = right.text else { return nil }
    switch text {
    case "new": return true
    case "established", "related", "invalid": return false
    default: return nil
    }
  }

  private static func fib(_ fib: JSON, _ right: JSON) -> Bool? {
    let flags = fib["flags"]?.elements?.compactMap(\.text) ?? [fib["flags"]?.text ?? ""]
    guard fib["result"]?.text == "type", flags == ["daddr"], let text = right.text else { return nil }
    return text == "multicast"
  }

  /// `eth*` means all that begin so.
  private static func isName(_ name: String, _ pattern: String) -> Bool {
    pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
  }
}

extension IPAddress {
  /// Whether the first bits are those of another address.
  func isWithin(_ network: IPAddress, prefixLength: Int) -> Bool {
    guard family == network.family else { return false }
    switch family {
    case .ipv4:
      let shift = UInt64(min(max(32 - prefixLength, 0), 32))
      return low >> shift == network.low >> shift
    case .ipv6:
      let upper = UInt64(min(max(64 - prefixLength, 0), 64))
      let lower = UInt64(min(max(128 - prefixLength, 0), 64))
      return high >> upper == network.high >> upper
        && (prefixLength <= 64 || low >> lower == network.low >> lower)
    }
  }

  /// In numeric order.
  func isBelow(_ other: IPAddress) -> Bool { (high, low) < (other.high, other.low) }
}
