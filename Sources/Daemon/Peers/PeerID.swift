// SPDX-License-Identifier: Apache-2.0

import Multicast

/// What a peer is known by: a source address on an interface. The port is no part of it: the Python sender comes
/// from another port with every beat.
///
/// The interface goes by a number of our own that stands for its name, so that a card that is removed and put back
/// brings its peers back with it.
struct PeerID: Hashable, Sendable {
  let address: IPAddress
  let interface: Int32

  // The table is looked up for every heartbeat: one multiplication and one round of mixing are enough there, and the
  // table is bounded against whoever makes keys collide.
  func hash(into hasher: inout Hasher) {
    hasher.combine(
      address.low ^ (address.high &* 0x9e37_79b9_7f4a_7c15) ^ UInt64(UInt32(bitPattern: interface)) << 40)
  }
}
