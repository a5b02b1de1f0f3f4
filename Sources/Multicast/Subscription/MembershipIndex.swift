// SPDX-License-Identifier: Apache-2.0

import Platform

/// Where the group is joined, as the receive loop looks it up for every datagram: what `GroupSubscription`
/// says, put in order for that.
///
/// There are few, and a run of datagrams comes from one of them: the last one found is looked at first, then
/// the rest in order, which beats hashing. The elements are plain numbers, so that looking costs no reference
/// counting.
package struct MembershipIndex {
  package struct Member {
    /// The kernel's index.
    package var index: UInt32
    /// As `InterfaceNames` numbers it.
    package var number: Int32
  }

  private var members: [Member] = []
  private var last = 0
  private var addresses: Set<IPAddress> = []

  package init() {}

  /// - Parameter number: of an interface's name.
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

  /// The number of the interface with this index, if it is there.
  package func number(of index: UInt32) -> Int32? { members.first { $0.index == index }?.number }

  /// Whether an address is one of ours, on whichever interface.
  package func isLocal(_ address: IPAddress) -> Bool { addresses.contains(address) }

  /// The numbers of all.
  package var numbers: Set<Int32> { Set(members.map(\.number)) }

  /// The kernel's index of the interface with this number, if it is there.
  package func index(of number: Int32) -> UInt32? { members.first { $0.number == number }?.index }
}
