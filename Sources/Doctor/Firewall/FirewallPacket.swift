// SPDX-License-Identifier: Apache-2.0

import Platform

/// A packet as the rules see it, as far as it is known in advance: its source is not.
struct FirewallPacket: Equatable {
  enum Direction: Equatable {
    case input
    case output
  }

  enum Content: Equatable {
    case udp(port: UInt16)
    case igmp
    /// MLD is a part of ICMPv6.
    case icmpv6

    var name: String {
      switch self {
      case .udp: "udp"
      case .igmp: "igmp"
      case .icmpv6: "icmpv6"
      }
    }

    /// As in the IP header (IANA's protocol numbers).
    var number: Int {
      switch self {
      case .udp: 17
      case .igmp: 2
      case .icmpv6: 58
      }
    }

    /// Whether a rule that names a protocol by word or number means this one.
    func isCalled(_ text: String) -> Bool {
      let text = text.lowercased()
      return text == name || text == "\(number)" || self == .icmpv6 && ["ipv6-icmp", "icmp6"].contains(text)
    }
  }

  var direction: Direction
  /// The interface on which it arrives or leaves.
  var interface: String
  /// The VRF that the interface is a port of: some hooks see its name in place of the interface's.
  var vrf: String?
  var destination: IPAddress
  var content: Content
  /// Whether connection tracking skips it: by a rule (`notrack`), or by the kernel (MLD).
  var isUntracked = Ternary.no
  /// Whether a rule may have changed its destination.
  var isTranslated = Ternary.no

  init(
    _ direction: Direction, _ interface: String, vrf: String? = nil, _ destination: IPAddress,
    _ content: Content
  ) {
    self.direction = direction
    self.interface = interface
    self.vrf = vrf
    self.destination = destination
    self.content = content
    // Queries and reports are marked IP_CT_UNTRACKED (nf_conntrack_icmpv6_error in
    // nf_conntrack_proto_icmpv6.c).
    if content == .icmpv6 { isUntracked = .yes }
  }

  /// The type in the ICMPv6 header: a query comes in (RFC 3810 section 5.1), a report goes out (section 5.2).
  var icmpv6Type: (number: Int, name: String) {
    direction == .input ? (130, "mld-listener-query") : (143, "mld2-listener-report")
  }

  /// Whether it passes an interface that `matches` describes.
  func passes(_ matches: (String) -> Bool) -> Ternary {
    let own = Ternary(matches(interface))
    return vrf.map { .agreeing(own, Ternary(matches($0))) } ?? own
  }

  /// Its packet type at the link layer. On lo, and on output, that does not depend on the address.
  func isOfType(_ name: String) -> Ternary {
    direction == .output || interface == "lo" ? .perhaps : Ternary(name.lowercased() == "multicast")
  }

  /// Its state for connection tracking (nf_conntrack.h). Nothing ever answers from a group's address, so that
  /// the kernel knows of no connection: it is new, always, unless it is not looked at.
  func isInState(_ name: String) -> Ternary {
    switch name.lowercased() {
    case "new": !isUntracked
    case "untracked": isUntracked
    case "established", "related", "invalid": .no
    default: .perhaps
    }
  }

  /// Its status in connection tracking (`ct status`).
  func hasStatus(_ name: String) -> Ternary {
    switch name.lowercased() {
    case "dnat": isTranslated
    case "expected", "seen-reply", "assured", "dying": .no
    default: .perhaps
    }
  }
}
