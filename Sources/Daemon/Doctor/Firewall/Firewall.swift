// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast

/// Reads the packet filter's rules and judges packets by them, as netfilter does, with a third answer: perhaps.
enum Firewall {
  struct Unreadable: Error, Equatable {
    var text: String
  }

  struct Judgement {
    /// The rule that drops it, or may; `nil` when it passes.
    var rule: FirewallRule?
    /// Whether it is sure that the rule drops it, as far as rules are understood.
    var isCertain = true
  }

  /// All chains that a packet can come through.
  static func read() -> Result<[FirewallChain], Unreadable> {
    var chains: [FirewallChain] = []
    do throws(CommandOutput.Failure) {
      let output = try CommandOutput.read(
        ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"], ["-j", "list", "ruleset"])
      guard let ruleset = NftRuleset(json: output) else {
        return .failure(Unreadable(text: "nft's JSON is new here"))
      }
      chains = ruleset.chains
    } catch {
      switch error {
      case .notInstalled: return .failure(Unreadable(text: "nft is not installed"))
      case .gaveUp: return .failure(Unreadable(text: "nft gave no answer"))
      case .failed(_, let message):
        return .failure(
          Unreadable(text: message.split(separator: "\n").first.map(String.init) ?? "nft failed"))
      }
    }
    // Tables of the iptables that is older than nftables; the kernel names them only where they are in use, and
    // asking for them otherwise would load modules.
    for (file, family, paths) in [
      (
        "ip_tables_names", AddressFamily.ipv4,
        ["/usr/sbin/iptables-legacy-save", "/sbin/iptables-legacy-save"]
      ),
      (
        "ip6_tables_names", AddressFamily.ipv6,
        ["/usr/sbin/ip6tables-legacy-save", "/sbin/ip6tables-legacy-save"]
      ),
    ] {
      guard let tables = KernelFile.read(KernelFile.network + file), !tables.isEmpty else { continue }
      guard let output = try? CommandOutput.read(paths, []) else {
        return .failure(Unreadable(text: "\(paths[0]) gave no answer, and there are tables of it"))
      }
      chains += IptablesRules.parse(String(decoding: output, as: UTF8.self), family)
    }
    return .success(chains)
  }

  /// Sends a packet through all base chains of its direction; one that drops is enough.
  static func judge(_ packet: FirewallPacket, by chains: [FirewallChain]) -> Judgement {
    let byName = Dictionary(chains.map { ($0.name, $0) }) { first, _ in first }
    var perhaps: FirewallRule?
    for chain in chains where chain.directions.contains(packet.direction) {
      guard chain.device == nil || chain.device == packet.interface,
        packet.destination.family == .ipv4 ? chain.seesIPv4 : chain.seesIPv6
      else { continue }
      var walk = Walk(packet: packet, chains: byName)
      let end = walk.run(chain)
      if end == .dropped, let rule = walk.rule { return Judgement(rule: rule, isCertain: true) }
      if end == .undecided, chain.dropsByDefault { return Judgement(rule: chain.policy, isCertain: true) }
      perhaps = perhaps ?? walk.perhaps
    }
    return Judgement(rule: perhaps, isCertain: perhaps == nil)
  }
}

/// A packet's way through one base chain and those it jumps to.
private struct Walk {
  enum End {
    case accepted
    case dropped
    case undecided
  }

  let packet: FirewallPacket
  let chains: [String: FirewallChain]
  /// The rule that dropped it.
  var rule: FirewallRule?
  /// The first rule that would drop it, if it should match.
  var perhaps: FirewallRule?
  /// Rules looked at: loops cannot be (the kernel refuses them), but the text may have been read wrongly.
  private var steps = 0

  init(packet: FirewallPacket, chains: [String: FirewallChain]) {
    self.packet = packet
    self.chains = chains
  }

  /// A rule that perhaps accepts is passed over: a drop behind it is then certain for what it does not match.
  mutating func run(_ chain: FirewallChain, depth: Int = 0) -> End {
    for rule in chain.rules {
      steps += 1
      guard steps < 1_000_000, depth < 32 else { return .undecided }
      let matches = rule.matches(packet)
      if matches == false { continue }
      switch rule.verdict {
      case .accept where matches == true: return .accepted
      case .returnToCaller where matches == true: return .undecided
      case .drop:
        if matches == true {
          self.rule = rule
          return .dropped
        }
        perhaps = perhaps ?? rule
      case .jump(let name), .goTo(let name):
        guard let target = chains["\(chain.scope) \(name)"] else { continue }
        let end = run(target, depth: depth + 1)
        if matches == true {
          if end != .undecided { return end }
          if case .goTo = rule.verdict { return .undecided }
        } else if end == .dropped {
          perhaps = perhaps ?? self.rule
        }
      case .accept, .returnToCaller, .none: continue
      }
    }
    return .undecided
  }
}
