// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// Multicast settings and state of a bridge (IFLA_INFO_DATA of a bridge, linux/if_link.h).
package struct BridgeMulticast: Equatable, Sendable {
  /// Forwards a group only to ports with members (mcast_snooping).
  package var isSnooping = false
  /// Sends general queries itself when there is no other querier (mcast_querier).
  package var isQuerier = false
  /// Another querier was heard recently, for IPv4 and for IPv6 (mcast_querier_state).
  package var hearsIPv4Querier = false
  package var hearsIPv6Querier = false

  init(_ attributes: NetlinkAttributes) {
    for attribute in attributes {
      switch Int(attribute.type) {
      case Int(IFLA_BR_MCAST_SNOOPING): isSnooping = attribute.payload.first.map { $0 != 0 } ?? false
      case Int(IFLA_BR_MCAST_QUERIER): isQuerier = attribute.payload.first.map { $0 != 0 } ?? false
      case Int(IFLA_BR_MCAST_QUERIER_STATE):
        // The timers are present while another querier is presumed active (br_multicast_dump_querier_state).
        for state in NetlinkAttributes(attribute.payload) {
          hearsIPv4Querier = hearsIPv4Querier || Int(state.type) == bridgeQuerierIPv4OtherTimer
          hearsIPv6Querier = hearsIPv6Querier || Int(state.type) == bridgeQuerierIPv6OtherTimer
        }
      default: break
      }
    }
  }
}

/// A link in RTM_NEWLINK or RTM_DELLINK (struct ifinfomsg, rtnetlink(7)).
package struct LinkMessage: Equatable, Sendable {
  /// The kernel's interface index.
  package var index: UInt32
  /// IFF_UP …, netdevice(7).
  package var flags: UInt32
  /// `nil` without IFLA_IFNAME.
  package var name: String?
  /// IFLA_ALT_IFNAME of IFLA_PROP_LIST: alternative names, up to 127 bytes each.
  package var alternativeNames: [String] = []
  /// Index of the bridge, bond or VRF of which the interface is a port.
  package var master: UInt32?
  /// `bridge`, `veth`, `vlan` …; `nil` for a physical interface.
  package var kind: String?
  /// Index of the underlying interface or of the veth peer, if it is in the same namespace.
  package var lower: UInt32?
  /// `nil` unless it is a bridge.
  package var bridge: BridgeMulticast?
  /// The message is of family AF_BRIDGE: it is about a bridge port, not the interface.
  package var isBridgePort: Bool

  /// - Parameter body: the bytes after the nlmsghdr; `nil` if shorter than an ifinfomsg.
  package init?(_ body: ArraySlice<UInt8>) {
    guard body.count >= MemoryLayout<ifinfomsg>.size, let family = body.integer(at: 0, as: UInt8.self),
      let index = body.integer(at: 4, as: Int32.self), let flags = body.integer(at: 8, as: UInt32.self),
      index > 0
    else { return nil }
    self.index = UInt32(index)
    self.flags = flags
    isBridgePort = Int32(family) == PF_BRIDGE
    var isLowerElsewhere = false
    for attribute in NetlinkAttributes(body.rest(after: MemoryLayout<ifinfomsg>.size)) {
      switch Int(attribute.type) {
      case Int(IFLA_IFNAME): name = attribute.payload.text
      case Int(IFLA_PROP_LIST):
        for property in NetlinkAttributes(attribute.payload) where Int(property.type) == Int(IFLA_ALT_IFNAME)
        {
          alternativeNames.append(property.payload.text)
        }
      case Int(IFLA_MASTER):
        master = attribute.payload.integer(at: 0, as: UInt32.self)
      case Int(IFLA_LINK): lower = attribute.payload.integer(at: 0, as: UInt32.self)
      case Int(IFLA_LINK_NETNSID): isLowerElsewhere = true
      case Int(IFLA_LINKINFO): readInfo(NetlinkAttributes(attribute.payload))
      default: break
      }
    }
    if isLowerElsewhere { lower = nil }
  }

  private mutating func readInfo(_ attributes: NetlinkAttributes) {
    for attribute in attributes {
      switch Int(attribute.type) {
      case Int(IFLA_INFO_KIND): kind = attribute.payload.text
      case Int(IFLA_INFO_DATA) where kind == "bridge":
        bridge = BridgeMulticast(NetlinkAttributes(attribute.payload))
      default: break
      }
    }
  }
}

// From linux/if_bridge.h, which cannot be imported next to netinet/in.h.
private let bridgeQuerierIPv4OtherTimer = 3
private let bridgeQuerierIPv6OtherTimer = 7
