// SPDX-License-Identifier: Apache-2.0

import Multicast

/// Which of the interfaces in use have a carrier, to notice when a cable was put back. A pure value.
struct Carriers: Equatable, Sendable {
  private var known: [UInt32: Bool] = [:]

  /// - Parameters:
  ///   - used: the indices of the interfaces on which the group is joined.
  /// - Returns: those that had no carrier when they were looked at last, and have one now. The switch at the other
  ///   end may be another, or may have forgotten us, and the kernel reports its memberships again only when asked.
  mutating func note(_ used: some Sequence<UInt32>, in table: InterfaceTable) -> [UInt32] {
    var now: [UInt32: Bool] = [:]
    for index in used { now[index] = table[index: index]?.hasCarrier }
    defer { known = now }
    return now.filter { $0.value && known[$0.key] == false }.keys.sorted()
  }
}
