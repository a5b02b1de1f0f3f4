// SPDX-License-Identifier: Apache-2.0

/// One rule, of nftables or of iptables, as far as the doctor understands it.
struct FirewallRule {
  enum Verdict: Equatable {
    case accept
    case drop
    case jump(String)
    case goTo(String)
    case returnToCaller
    /// It counts, logs or marks, and the next rule has its turn.
    case none
  }

  /// Where it stands and what it says: `nft inet filter input, handle 4`.
  var text: String
  var verdict: Verdict
  /// Whether a packet is meant; `nil` where that depends on what is not known.
  var matches: (FirewallPacket) -> Bool?
  /// The command that lets a packet through before this rule.
  var accepting: (FirewallPacket) -> String
}

/// A chain of rules; a base chain where it has a hook.
struct FirewallChain {
  /// Unique: `ip filter INPUT`.
  var name: String
  /// The prefix of the names of chains that its rules can jump to.
  var scope: String
  /// Where packets of this host pass by: nil for a chain that is only jumped to.
  var directions: [FirewallPacket.Direction] = []
  /// Of the families that its table sees.
  var seesIPv4 = true
  var seesIPv6 = true
  /// The one interface of a chain of the netdev family.
  var device: String?
  /// What becomes of packets that no rule decided.
  var dropsByDefault = false
  var rules: [FirewallRule] = []
  /// The policy as a rule, for findings.
  var policy: FirewallRule
}
