// SPDX-License-Identifier: Apache-2.0

import Platform

/// Evaluates one base chain and those that it jumps to, along all paths where a rule may match.
///
/// Effects on connection tracking and translation are recorded in the packet, for later chains.
struct FirewallWalk {
  /// The possible outcomes; a single one is certain.
  struct Ends: OptionSet {
    var rawValue: UInt8

    static let accepted = Ends(rawValue: 1)
    static let dropped = Ends(rawValue: 2)
    /// No rule decided: evaluation continues in the caller, or with the policy.
    static let undecided = Ends(rawValue: 4)
    static let any: Ends = [.accepted, .dropped, .undecided]
  }

  struct Outcome {
    var ends: Ends = []
    /// The rule that drops it, or may.
    var drop: FirewallRule?
    /// The first rule on its way of which it is not known whether it matches, or what it does.
    var doubt: FirewallRule?
  }

  /// Jumps into jumps. The kernel allows 16 (NFT_JUMP_STACK_SIZE); more means that the text was read wrongly.
  private static let maximumDepth = 32

  private(set) var packet: FirewallPacket
  private let chains: [String: FirewallChain]
  /// Of chains that were gone through, so that a chain costs its length once however many rules jump to it.
  private var known: [String: Outcome] = [:]

  init(_ packet: FirewallPacket, _ chains: [String: FirewallChain]) {
    self.packet = packet
    self.chains = chains
  }

  /// Goes through a base chain, with its policy.
  mutating func run(_ chain: FirewallChain) -> Outcome {
    var outcome = run(chain, depth: 0)
    if outcome.ends.contains(.undecided) {
      outcome.ends.remove(.undecided)
      outcome.ends.insert(chain.dropsByDefault ? .dropped : .accepted)
      if chain.dropsByDefault { outcome.drop = chain.policy }
    }
    return outcome
  }

  private mutating func run(_ chain: FirewallChain, depth: Int) -> Outcome {
    if let outcome = known[chain.name] { return outcome }
    let unknown = Outcome(ends: .any, drop: chain.policy, doubt: chain.policy)
    guard depth < Self.maximumDepth else { return unknown }
    // A bound for jumps in a circle, which the kernel refuses.
    known[chain.name] = unknown
    var outcome = Outcome()
    for rule in chain.rules where apply(rule, of: chain, to: &outcome, depth: depth) == .ends {
      known[chain.name] = outcome
      return outcome
    }
    outcome.ends.insert(.undecided)
    known[chain.name] = outcome
    return outcome
  }

  private enum Step {
    /// Evaluation may continue.
    case goesOn
    /// All paths have ended.
    case ends
  }

  private mutating func apply(
    _ rule: FirewallRule, of chain: FirewallChain, to outcome: inout Outcome, depth: Int
  ) -> Step {
    for alternative in rule.cases {
      let matches = alternative.matches(packet)
      if matches == .no { continue }
      let isCertain = matches == .yes
      if !isCertain, alternative.verdict.decides { outcome.doubt = outcome.doubt ?? rule }
      var goesOn = false
      switch alternative.verdict {
      case .accept: outcome.ends.insert(.accepted)
      case .translate:
        outcome.ends.insert(.accepted)
        packet.isTranslated = .perhaps
      case .returnToCaller: outcome.ends.insert(.undecided)
      case .drop:
        outcome.ends.insert(.dropped)
        outcome.drop = isCertain ? rule : outcome.drop ?? rule
      case .undecidable:
        outcome.ends.formUnion([.accepted, .dropped])
        outcome.drop = outcome.drop ?? rule
        outcome.doubt = outcome.doubt ?? rule
        goesOn = true
      case .jump(let name), .goTo(let name):
        goesOn = follow(name, from: rule, of: chain, isCertain: isCertain, to: &outcome, depth: depth)
        if case .goTo = alternative.verdict, goesOn {
          outcome.ends.insert(.undecided)
          goesOn = false
        }
      case .rewrite:
        packet.isTranslated = .perhaps
        goesOn = true
      case .untrack:
        if packet.isUntracked == .no { packet.isUntracked = .perhaps }
        goesOn = true
      case .none: goesOn = true
      }
      if isCertain { return goesOn ? .goesOn : .ends }
    }
    return .goesOn
  }

  /// - Returns: whether the packet may come back.
  private mutating func follow(
    _ name: String, from rule: FirewallRule, of chain: FirewallChain, isCertain: Bool,
    to outcome: inout Outcome, depth: Int
  ) -> Bool {
    guard let target = chains["\(chain.scope) \(name)"] else {
      // An unknown chain: any outcome.
      outcome.ends.formUnion([.accepted, .dropped])
      outcome.drop = outcome.drop ?? rule
      outcome.doubt = outcome.doubt ?? rule
      return true
    }
    let inner = run(target, depth: depth + 1)
    outcome.ends.formUnion(inner.ends.subtracting(.undecided))
    outcome.doubt = outcome.doubt ?? inner.doubt
    if let drop = inner.drop {
      outcome.drop = isCertain && inner.ends == .dropped ? drop : outcome.drop ?? drop
    }
    return inner.ends.contains(.undecided)
  }
}
