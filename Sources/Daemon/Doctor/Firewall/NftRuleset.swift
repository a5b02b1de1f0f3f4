// SPDX-License-Identifier: Apache-2.0

import Multicast

/// What `nft -j list ruleset` tells (libnftables-json(5)).
struct NftRuleset {
  private(set) var chains: [FirewallChain] = []

  /// `nil` where it is not such a text.
  init?(json bytes: [UInt8]) {
    guard let objects = JSON(bytes)?["nftables"]?.elements else { return nil }
    var sets: [String: [JSON]] = [:]
    for set in objects.compactMap({ $0["set"] }) {
      if let scope = Self.scope(set), let name = set["name"]?.text {
        sets["\(scope) \(name)"] = set["elem"]?.elements ?? []
      }
    }
    for chain in objects.compactMap({ $0["chain"] }) {
      if let chain = Self.chain(chain) { chains.append(chain) }
    }
    // A text of 64 MiB may hold many: look chains up, do not search them.
    let places = Dictionary(chains.enumerated().map { ($0.element.name, $0.offset) }) { first, _ in first }
    for rule in objects.compactMap({ $0["rule"] }) {
      guard let scope = Self.scope(rule), let chain = rule["chain"]?.text,
        let place = places["\(scope) \(chain)"]
      else { continue }
      chains[place].rules += Self.rules(rule, chain: "\(scope) \(chain)") { sets["\(scope) \($0)"] }
    }
  }

  /// `inet filter`: what names of chains and sets are unique in.
  private static func scope(_ object: JSON) -> String? {
    guard let family = object["family"]?.text, let table = object["table"]?.text else { return nil }
    return "\(family) \(table)"
  }

  private static func chain(_ object: JSON) -> FirewallChain? {
    guard let scope = scope(object), let name = object["name"]?.text else { return nil }
    let place = "\(scope) \(name)"
    var chain = FirewallChain(
      name: place, scope: scope,
      policy: FirewallRule(
        text: "nft \(place), policy drop", verdict: .drop, matches: { _ in true },
        accepting: { accepting($0, chain: place) }))
    let family = object["family"]?.text
    chain.seesIPv4 = family != "ip6"
    chain.seesIPv6 = family != "ip"
    chain.device = object["dev"]?.text
    chain.dropsByDefault = object["policy"]?.text == "drop"
    switch object["hook"]?.text {
    case "prerouting", "input": chain.directions = [.input]
    case "ingress": chain.directions = [.input]
    case "output", "postrouting", "egress": chain.directions = [.output]
    default: break
    }
    // Bridges and ARP have rules of their own, for packets that are not this host's.
    if family == "bridge" || family == "arp" { chain.directions = [] }
    return chain
  }

  /// A rule, or several where it has a verdict map.
  private static func rules(
    _ object: JSON, chain: String, set: @escaping (String) -> [JSON]?
  ) -> [FirewallRule] {
    guard let statements = object["expr"]?.elements else { return [] }
    var text = "nft \(chain), handle \(object["handle"]?.text ?? "?")"
    if let comment = object["comment"]?.text { text += " (\(comment))" }
    var conditions: [(FirewallPacket) -> Bool?] = []
    var rules: [FirewallRule] = []
    func add(_ verdict: FirewallRule.Verdict, _ matches: @escaping (FirewallPacket) -> Bool?) {
      rules.append(
        FirewallRule(
          text: text, verdict: verdict, matches: matches, accepting: { accepting($0, chain: chain) }))
    }
    for statement in statements {
      guard let (key, value) = statement.only else {
        conditions.append { _ in nil }
        continue
      }
      switch key {
      case "match": conditions.append { NftMatch.matches($0, value, set: set) }
      case "vmap":
        let before = conditions
        for (entry, verdict) in NftMatch.entries(of: value) {
          add(verdict) { packet in
            all(before, packet) { NftMatch.matches(packet, value["key"] ?? .null, entry, set: set) }
          }
        }
      case "limit", "xt", "queue", "ct count", "quota": conditions.append { _ in nil }
      default:
        if let verdict = NftMatch.verdict(statement) {
          let before = conditions
          add(verdict) { all(before, $0) { true } }
        }
      }
    }
    return rules
  }

  /// Whether all hold: no as soon as one does not, perhaps where one is not known.
  private static func all(
    _ conditions: [(FirewallPacket) -> Bool?], _ packet: FirewallPacket, _ last: () -> Bool?
  ) -> Bool? {
    var answer: Bool? = true
    for condition in conditions {
      switch condition(packet) {
      case false: return false
      case nil: answer = nil
      default: break
      }
    }
    switch last() {
    case false: return false
    case nil: return nil
    default: return answer
    }
  }

  private static func accepting(_ packet: FirewallPacket, chain: String) -> String {
    let family = packet.destination.family == .ipv4 ? "ip" : "ip6"
    let interface = packet.direction == .input ? "iifname" : "oifname"
    let what =
      switch packet.content {
      case .udp(let port): "\(family) daddr \(packet.destination) udp dport \(port)"
      case .igmp, .icmpv6: "meta l4proto \(packet.content.name)"
      }
    return "nft insert rule \(chain) \(interface) \(packet.interface) \(what) accept"
  }
}
