// SPDX-License-Identifier: Apache-2.0

import Platform

/// What a peer is known by: a source address on an interface. The port is no part of it: the Python sender comes
/// from another port with every beat.
///
/// The interface goes by a number of our own that stands for its name, so that a card that is removed and put back
/// brings its peers back with it.
package struct PeerID: Hashable, Sendable {
  package let address: IPAddress
  package let interface: Int32

  package init(address: IPAddress, interface: Int32) {
    self.address = address
    self.interface = interface
  }

  /// Nothing that a stranger chooses is folded before the seeded hash, or sources could be made to collide. The
  /// table is looked up for every heartbeat: an IPv4 address and the interface go into one round.
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
}
