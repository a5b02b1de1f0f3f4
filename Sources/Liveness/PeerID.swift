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
}

/// Interned interface names. A number is stable for the life of the process, and across restarts by the
/// checkpoint; the table grows with the distinct names that the kernel has shown.
package struct InterfaceNames: Codable, Sendable {
  private var names: [String] = []

  /// No names.
  package init() {}

  /// How many names there are; their numbers are 0 to `count` - 1.
  package var count: Int { names.count }

  /// The number of a name, a new one where it has none.
  package mutating func number(of name: String) -> Int32 {
    if let index = names.firstIndex(of: name) { return Int32(index) }
    names.append(name)
    return Int32(names.count - 1)
  }

  /// The names in UTF-8, by number.
  package var bytes: [[UInt8]] { names.map { Array($0.utf8) } }

  /// The name of a number; `?` for one that was not given out.
  package func name(of number: Int32) -> String {
    names.indices.contains(Int(number)) ? names[Int(number)] : "?"
  }
}
