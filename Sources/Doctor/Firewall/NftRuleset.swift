// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Platform

/// The output of `nft -j list ruleset` (libnftables-json(5)).
struct NftRuleset {
  private(set) var chains: [FirewallChain] = []
  /// Tables with rules that nft prints without their conditions: extensions of iptables.
  private(set) var opaqueScopes: Set<String> = []

  /// `nil` for any other text.
  init?(json bytes: [UInt8]) {
    let text = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    guard let objects = text?["nftables"]?.elements else { return nil }
    let sets = Self.elements(of: objects, "set")
    let maps = Self.elements(of: objects, "map")
    for chain in objects.compactMap({ $0["chain"] }) {
      if let chain = Self.chain(chain) { chains.append(chain) }
    }
    // 64 MiB may hold many chains: looked up by name, not searched.
    let places = Dictionary(chains.enumerated().map { ($0.element.name, $0.offset) }) { first, _ in first }
    for rule in objects.compactMap({ $0["rule"] }) {
      guard let scope = Self.scope(rule), let chain = rule["chain"]?.text,
        let place = places["\(scope) \(chain)"], let statements = rule["expr"]?.elements
      else { continue }
      if statements.contains(where: { $0["xt"] != nil }) { opaqueScopes.insert(scope) }
      var text = "nft \(scope) \(chain), handle \(rule["handle"]?.text ?? "?")"
      if let comment = rule["comment"]?.text { text += " (\(comment))" }
      let reader = NftRule(
        match: NftMatch { sets["\(scope) \($0)"] }, map: { maps["\(scope) \($0)"] })
      chains[place].rules.append(
        FirewallRule(
          text: text, cases: reader.cases(statements),
          accepting: { NftRule.accepting($0, chain: "\(scope) \(chain)") }))
    }
  }

  /// The elements of sets or maps by `SCOPE NAME`, without dynamic ones.
  private static func elements(of objects: [JSONValue], _ kind: String) -> [String: [JSONValue]] {
    var elements: [String: [JSONValue]] = [:]
    for set in objects.compactMap({ $0[kind] }) {
      let flags = set["flags"]?.elements?.compactMap(\.text) ?? [set["flags"]?.text].compactMap { $0 }
      guard let scope = scope(set), let name = set["name"]?.text, set["timeout"] == nil,
        !flags.contains("dynamic"), !flags.contains("timeout")
      else { continue }
      elements["\(scope) \(name)"] = set["elem"]?.elements ?? []
    }
    return elements
  }

  /// `inet filter`: what names of chains and sets are unique in.
  private static func scope(_ object: JSONValue) -> String? {
    guard let family = object["family"]?.text, let table = object["table"]?.text else { return nil }
    return "\(family) \(table)"
  }

  private static func chain(_ object: JSONValue) -> FirewallChain? {
    guard let scope = scope(object), let name = object["name"]?.text else { return nil }
    let place = "\(scope) \(name)"
    var chain = FirewallChain(
      name: place, scope: scope,
      policy: FirewallRule(
        text: "nft \(place), policy drop", cases: [.init(verdict: .drop) { _ in .yes }],
        accepting: { NftRule.accepting($0, chain: place) }))
    let family = object["family"]?.text
    chain.seesIPv4 = family != "ip6"
    chain.seesIPv6 = family != "ip"
    chain.devices = object["dev"]?.elements?.compactMap(\.text) ?? object["dev"]?.text.map { [$0] }
    chain.dropsByDefault = object["policy"]?.text == "drop"
    let hook = object["hook"]?.text
    switch hook {
    case "prerouting", "input", "ingress": chain.directions = [.input]
    case "output", "postrouting", "egress": chain.directions = [.output]
    default: break
    }
    chain.seesLoopback = hook != "egress"
    // The families bridge and arp see packets that are not this host's.
    if family == "bridge" || family == "arp" { chain.directions = [] }
    return chain
  }
}
