// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform

/// The interfaces on which the group is joined, as the receive loop looks them up for every datagram.
///
/// There are few, and a run of datagrams comes from one of them: the last one found is looked at first, then the rest in
/// order, which beats hashing. The elements are plain numbers, so that looking costs no reference counting.
struct Members {
  struct Member {
    /// The kernel's index.
    var index: UInt32
    /// As `InterfaceNames` numbers it.
    var number: Int32
  }

  private var members: [Member] = []
  private var last = 0
  private(set) var interfaces: [UInt32: NetworkInterface] = [:]

  var isEmpty: Bool { members.isEmpty }

  @inline(__always)
  mutating func find(_ index: UInt32) -> Member? {
    if last < members.count, members[last].index == index { return members[last] }
    guard let found = members.firstIndex(where: { $0.index == index }) else { return nil }
    last = found
    return members[found]
  }

  mutating func set(_ interface: NetworkInterface, number: Int32) {
    interfaces[interface.index] = interface
    if let place = members.firstIndex(where: { $0.index == interface.index }) {
      members[place].number = number
    } else {
      members.append(Member(index: interface.index, number: number))
    }
  }

  mutating func remove(_ index: UInt32) {
    interfaces[index] = nil
    members.removeAll { $0.index == index }
  }

  mutating func removeAll() { self = Members() }

  /// Whether an address is one of ours, on whichever interface.
  func isLocal(_ address: IPAddress) -> Bool { interfaces.values.contains { $0.addresses.contains(address) } }

  /// The numbers of all.
  var numbers: Set<Int32> { Set(members.map(\.number)) }

  /// The kernel's index of the interface with this number, if it is there.
  func index(of number: Int32) -> UInt32? { members.first { $0.number == number }?.index }
}
