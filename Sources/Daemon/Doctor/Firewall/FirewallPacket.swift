// SPDX-License-Identifier: Apache-2.0

import Multicast

/// A packet as a firewall's rules look at it, as far as it is known beforehand: its source is not.
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
  var destination: IPAddress
  var content: Content

  init(_ direction: Direction, _ interface: String, _ destination: IPAddress, _ content: Content) {
    self.direction = direction
    self.interface = interface
    self.destination = destination
    self.content = content
  }
}
