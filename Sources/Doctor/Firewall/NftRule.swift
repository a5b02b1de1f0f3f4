// SPDX-License-Identifier: Apache-2.0

import Platform

/// Reads the statements of one rule of nftables.
struct NftRule {
  var match: NftMatch
  /// The elements of a named verdict map; nil for one that does not exist or is dynamic.
  var map: (String) -> [JSONValue]?

  /// Targets of iptables, as nft names them, without a verdict.
  private static let harmlessTargets = IptablesRules.harmlessTargets

  /// Its verdicts with their conditions: one, several for a verdict map, or none.
  func cases(_ statements: [JSONValue]) -> [FirewallRule.Case] {
    var conditions: [(FirewallPacket) -> Ternary] = []
    var cases: [FirewallRule.Case] = []
    func add(_ verdict: FirewallRule.Verdict, _ last: @escaping (FirewallPacket) -> Ternary = { _ in .yes }) {
      let before = conditions
      cases.append(.init(verdict: verdict) { packet in before.all { $0(packet) } && last(packet) })
    }
    for statement in statements {
      guard let (key, value) = statement.only else {
        add(.undecidable) { _ in .perhaps }
        continue
      }
      switch key {
      case "match":
        let match = match
        conditions.append { match.matches($0, value) }
      case "vmap": addMap(value, add)
      case "accept": add(.accept)
      case "drop", "reject", "return", "continue", "jump", "goto":
        add(Self.verdict(statement) ?? .undecidable)
      case "notrack": add(.untrack)
      case "dnat", "redirect": add(.translate)
      case "mangle":
        // Marks and the like are only for later; fields of the packet may be what others match.
        if value["key"]?["payload"] != nil { add(.rewrite) }
      // A rate, a count, a full set: whether the rule matches is not known.
      case "limit", "ct count", "quota", "set", "map", "meter": conditions.append { _ in .perhaps }
      case "xt" where value["type"]?.text == "target":
        if !Self.harmlessTargets.contains(value["name"]?.text ?? "") { add(.undecidable) }
      case "xt" where value["type"]?.text == "match": conditions.append { _ in .perhaps }
      case "counter", "log", "comment", "dup", "flow", "last", "secmark", "ct helper", "ct timeout",
        "ct expectation", "snat", "masquerade":
        continue
      // queue, fwd, tproxy, synproxy, and what is newer than this.
      default:
        add(.undecidable) { _ in .perhaps }
        conditions.append { _ in .perhaps }
      }
    }
    return cases
  }

  private func addMap(
    _ value: JSONValue,
    _ add: (FirewallRule.Verdict, @escaping (FirewallPacket) -> Ternary) -> Void
  ) {
    let key = value["key"] ?? .null
    let entries: [JSONValue]? =
      if case .string(let name)? = value["data"] {
        name.hasPrefix("@") ? map(String(name.dropFirst())) : nil
      } else {
        value["data"]?["set"]?.elements
      }
    guard let entries else {
      add(.undecidable) { _ in .perhaps }
      return
    }
    // The wildcard comes last, wherever it is printed.
    let isDefault = { (entry: JSONValue) in entry.elements?.first == .string("*") }
    for entry in entries.filter({ !isDefault($0) }) + entries.filter(isDefault) {
      guard let pair = entry.elements, pair.count == 2 else {
        add(.undecidable) { _ in .perhaps }
        continue
      }
      let match = match
      add(Self.verdict(pair[1]) ?? .undecidable) { match.matches($0, key: key, pair[0]) }
    }
  }

  /// `nil` for any other statement.
  private static func verdict(_ statement: JSONValue) -> FirewallRule.Verdict? {
    guard let (key, value) = statement.only else { return nil }
    switch key {
    case "accept": return .accept
    case "drop", "reject": return .drop
    case "return": return .returnToCaller
    case "continue": return FirewallRule.Verdict.none
    case "jump": return value["target"]?.text.map { .jump($0) }
    case "goto": return value["target"]?.text.map { .goTo($0) }
    default: return nil
    }
  }

  /// - Parameter chain: with family and table before it.
  static func accepting(_ packet: FirewallPacket, chain: String) -> String {
    let family = packet.destination.family == .ipv4 ? "ip" : "ip6"
    let interface = packet.direction == .input ? "iifname" : "oifname"
    let what =
      switch packet.content {
      case .udp(let port): "\(family) daddr \(packet.destination) udp dport \(port)"
      case .igmp, .icmpv6: "meta l4proto \(packet.content.name)"
      }
    let name =
      ShellWord.isPlain(packet.interface) ? packet.interface : ShellWord("\"\(packet.interface)\"").text
    return "nft insert rule \(chain) \(interface) \(name) \(what) accept"
  }
}
