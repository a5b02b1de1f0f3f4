// SPDX-License-Identifier: Apache-2.0

import Platform

/// Evaluates the packet filter's rules as netfilter does, for a packet of which not everything is known.
enum Firewall {
  enum Judgement {
    /// No rule drops it.
    case passes
    /// The rule drops it, or something before it accepts it.
    ///
    /// - Parameter doubt: the first rule of which it cannot be told what it does to the packet.
    case mayDrop(FirewallRule, doubt: FirewallRule?)
    /// Whatever is not known of it, the rule drops it.
    case drops(FirewallRule)
  }

  /// Evaluates all base chains of the packet's direction; one that drops is enough.
  static func judge(_ packet: FirewallPacket, by chains: [FirewallChain]) -> Judgement {
    let byName = Dictionary(chains.map { ($0.name, $0) }) { first, _ in first }
    let passed = chains.filter { chain in
      chain.directions.contains(packet.direction) && chain.devices?.contains(packet.interface) ?? true
        && (packet.destination.family == .ipv4 ? chain.seesIPv4 : chain.seesIPv6)
    }
    // Chains are not in the order of their hooks: what one does to the packet is known to all the second
    // time.
    var packet = packet
    for chain in passed {
      var walk = FirewallWalk(packet, byName)
      _ = walk.run(chain)
      packet = walk.packet
    }
    var perhaps: (drop: FirewallRule, doubt: FirewallRule?)?
    for chain in passed {
      var walk = FirewallWalk(packet, byName)
      let outcome = walk.run(chain)
      guard outcome.ends.contains(.dropped), let drop = outcome.drop else { continue }
      // With another destination it may be another packet to this chain.
      if outcome.ends == .dropped, packet.isTranslated == .no { return .drops(drop) }
      perhaps = perhaps ?? (drop, outcome.doubt)
    }
    return perhaps.map { .mayDrop($0.drop, doubt: $0.doubt) } ?? .passes
  }
}
