// SPDX-License-Identifier: Apache-2.0

import Platform

/// The identity of a peer: a source address on an interface. The port is no part of it, for the Python sender
/// has a new one for every beat.
package struct PeerID: Hashable, Sendable, Codable {
  /// The source address.
  package let address: IPAddress
  /// The interface's number in `InterfaceNames`, not the kernel's index: a card that is removed and put back
  /// keeps its peers.
  package let interface: Int32

  /// A source address on an interface.
  package init(address: IPAddress, interface: Int32) {
    self.address = address
    self.interface = interface
  }

  // Written out: that of an address is a call to another module.
  package static func == (one: PeerID, other: PeerID) -> Bool {
    one.address.low == other.address.low && one.interface == other.interface
      && one.address.high == other.address.high && one.address.family == other.address.family
  }

  /// Feeds all that a sender chooses to the seeded hash: with words folded beforehand, sources could be made
  /// to collide. An IPv4 address and the interface go into one round, for the table is looked up for every
  /// heartbeat.
  package func hash(into hasher: inout Hasher) {
    let place = UInt64(UInt32(bitPattern: interface))
    switch address.family {
    case .ipv4: hasher.combine(address.low | place << 32)
    case .ipv6:
      hasher.combine(address.high)
      hasher.combine(address.low)
      hasher.combine(place)
    }
  }

  /// Of sources that were heard once: seeded for the process, so that no sender can choose it.
  package static let seededHash: @Sendable (PeerID) -> UInt64 = {
    UInt64(bitPattern: Int64($0.hashValue))
  }
}
