// SPDX-License-Identifier: Apache-2.0

/// For which interfaces one direction (receiving or sending) is in force, and what an operator should hear when that
/// changes. A pure value: it is told what was tried and what came of it.
package struct InterfaceUse: Equatable, Sendable {
  package enum Change: Equatable, Sendable {
    /// In use from now on.
    case began(NetworkInterface)
    /// The same interface has another name now.
    case renamed(from: String, NetworkInterface)
    /// Gone or down.
    case ended(NetworkInterface)
    /// The system refuses; told once for each reason.
    case refused(NetworkInterface, MulticastError)
  }

  /// In force, by index.
  package private(set) var active: [UInt32: NetworkInterface] = [:]
  private var refusals: [UInt32: MulticastError] = [:]
  /// Indices of those whose end was told and whose return is to be told as well.
  private var returns: Set<UInt32> = []

  package init(active: [UInt32: NetworkInterface] = [:]) {
    self.active = active
  }

  package var isEmpty: Bool { active.isEmpty }
  var hasRefusals: Bool { !refusals.isEmpty }
  /// Names in force, sorted.
  package var names: [String] { active.values.map(\.name).sorted() }

  /// - Parameters:
  ///   - tried: the interfaces that should be in use.
  ///   - refused: those of them that the system refused.
  package mutating func note(tried: [NetworkInterface], refused: [UInt32: MulticastError]) -> [Change] {
    var changes: [Change] = []
    let inForce = tried.filter { refused[$0.index] == nil }
    let indices = Set(inForce.map(\.index))
    for (index, interface) in active.sorted(by: { $0.key < $1.key }) where !indices.contains(index) {
      active[index] = nil
      if refused[index] == nil { changes.append(.ended(interface)) }
    }
    for interface in inForce {
      switch active[interface.index] {
      case nil: changes.append(.began(interface))
      case let old? where old.name != interface.name:
        changes.append(.renamed(from: old.name, interface))
      default: break
      }
      active[interface.index] = interface
    }
    for interface in tried {
      guard let error = refused[interface.index], refusals[interface.index] != error else { continue }
      changes.append(.refused(interface, error))
    }
    refusals = refused
    return changes
  }

  /// The end was told, so that the return is to be told as well.
  package mutating func expectReturn(of interface: NetworkInterface) { returns.insert(interface.index) }

  /// Whether the return is to be told; once.
  package mutating func takeReturn(of interface: NetworkInterface) -> Bool {
    returns.remove(interface.index) != nil
  }

  /// Those of other interfaces are not waited for any more.
  package mutating func forgetReturns(except indices: some Sequence<UInt32>) {
    returns.formIntersection(indices)
  }
}
