// SPDX-License-Identifier: Apache-2.0

import Platform

/// The joined interfaces, indexed for the look-up that the receive loop makes for every datagram.
///
/// There are few interfaces, and consecutive datagrams mostly arrive on the same one: a linear search that
/// starts at the last match is faster than hashing. Elements are integers, so a look-up has no reference
/// counting.
package struct MembershipIndex {
  package struct Member {
    /// The kernel's interface index.
    package var index: UInt32
    /// ID of the interface name in `InterfaceNames`.
    package var number: Int32
  }

  private var members: [Member] = []
  private var last = 0
  private var addresses: Set<IPAddress> = []

  package init() {}

  /// - Parameter number: ID of an interface name.
  package init(_ interfaces: [NetworkInterface], number: (String) -> Int32) {
    members = interfaces.map { Member(index: $0.index, number: number($0.name)) }
    addresses = Set(interfaces.flatMap(\.addresses))
  }

  @inline(__always)
  package mutating func find(_ index: UInt32) -> Member? {
    if last < members.count, members[last].index == index { return members[last] }
    guard let found = members.firstIndex(where: { $0.index == index }) else { return nil }
    last = found
    return members[found]
  }

  /// The ID of the interface with this index; nil if the group is not joined on it.
  package func number(of index: UInt32) -> Int32? { members.first { $0.index == index }?.number }

  /// Whether an address is local, on any of the interfaces.
  package func isLocal(_ address: IPAddress) -> Bool { addresses.contains(address) }

  /// The IDs of all interfaces.
  package var numbers: Set<Int32> { Set(members.map(\.number)) }

  /// The kernel's index of the interface with this ID; nil if the group is not joined on it.
  package func index(of number: Int32) -> UInt32? { members.first { $0.number == number }?.index }
}
