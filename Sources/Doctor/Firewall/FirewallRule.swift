// SPDX-License-Identifier: Apache-2.0

import Platform

/// One rule, of nftables or of iptables, as far as the doctor understands it.
struct FirewallRule {
  enum Verdict: Equatable {
    case accept
    case drop
    case jump(String)
    case goTo(String)
    case returnToCaller
    /// It counts, logs or marks, and evaluation continues.
    case none
    /// It decides, but how is not known: a program is asked (NFQUEUE), another device, an unknown target.
    case undecidable
    /// It changes the destination and accepts.
    case translate
    /// It changes fields that other rules match, and evaluation continues.
    case rewrite
    /// It exempts the packet from connection tracking, and evaluation continues.
    case untrack

    /// Whether it can end a packet's way.
    var decides: Bool { self != .none && self != .rewrite && self != .untrack }
  }

  /// A verdict with its condition. A verdict map has several, and the first that holds is taken.
  struct Case {
    var verdict: Verdict
    /// Whether a packet matches.
    var matches: (FirewallPacket) -> Ternary
  }

  /// Its place: `nft inet filter input, handle 4`.
  var text: String
  var cases: [Case]
  /// The command that lets a packet through before this rule.
  var accepting: (FirewallPacket) -> String
}

/// A chain of rules; a base chain where it has a hook.
struct FirewallChain {
  /// Unique: `ip filter INPUT`.
  var name: String
  /// The prefix of the names of chains that its rules can jump to.
  var scope: String
  /// The directions of its hook; none for a chain that is only jumped to.
  var directions: [FirewallPacket.Direction] = []
  /// Of the families that its table sees.
  var seesIPv4 = true
  var seesIPv6 = true
  /// The interfaces of a chain that is bound to some (netdev, ingress); nil for all.
  var devices: [String]?
  /// Whether it sees what the host sends to itself. Egress comes after the copy for this host was made.
  var seesLoopback = true
  /// The policy: the verdict where no rule decided.
  var dropsByDefault = false
  var rules: [FirewallRule] = []
  /// The policy as a rule, for findings.
  var policy: FirewallRule
}
