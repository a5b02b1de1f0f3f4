// SPDX-License-Identifier: Apache-2.0

/// Which of the interfaces in use have a carrier, to notice when a cable was pulled or put back. A pure
/// value.
package struct Carriers: Equatable, Sendable {
  package struct Change: Equatable, Sendable {
    /// No carrier any more, or none when the group was joined.
    package var lost: [UInt32] = []
    /// Had none when they were looked at last, and have one now. The switch at the other end may be another,
    /// or may have forgotten us, and the kernel reports its memberships again only when asked.
    package var back: [UInt32] = []
  }

  private var known: [UInt32: Bool] = [:]

  package init() {}

  /// - Parameter used: the indices of the interfaces on which the group is joined.
  package mutating func note(_ used: some Sequence<UInt32>, in table: InterfaceTable) -> Change {
    var now: [UInt32: Bool] = [:]
    for index in used { now[index] = table[index: index]?.hasCarrier }
    defer { known = now }
    return Change(
      lost: now.filter { !$0.value && known[$0.key] != false }.keys.sorted(),
      back: now.filter { $0.value && known[$0.key] == false }.keys.sorted())
  }

  /// Those that have none.
  package var missing: Set<UInt32> { Set(known.filter { !$0.value }.keys) }
}
