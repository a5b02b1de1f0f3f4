// SPDX-License-Identifier: Apache-2.0

/// The interfaces on which one direction (receiving or sending) is in force, what it needs on each, and what
/// the system refused. Pure; it is told what was tried and what came of it.
package struct ActiveInterfaces<Resource> {
  fileprivate struct Entry {
    var interface: NetworkInterface
    var resource: Resource
  }

  /// By the kernel's index.
  private var entries: [UInt32: Entry] = [:]
  private var refusals: [UInt32: MulticastError] = [:]
  private var retry = Retry()

  package init() {}

  /// In force, in the order of their indices.
  package var interfaces: [NetworkInterface] {
    entries.values.map(\.interface).sorted { $0.index < $1.index }
  }
  package var indices: Set<UInt32> { Set(entries.keys) }
  package var isEmpty: Bool { entries.isEmpty }

  package func interface(_ index: UInt32) -> NetworkInterface? { entries[index]?.interface }

  package subscript(index: UInt32) -> Resource? { entries[index]?.resource }

  /// Changes what there is on an interface in force; does nothing for another.
  package mutating func update<Result>(_ index: UInt32, _ body: (inout Resource) -> Result) -> Result? {
    guard var entry = entries[index] else { return nil }
    defer { entries[index] = entry }
    return body(&entry.resource)
  }

  package mutating func updateEach(_ body: (NetworkInterface, inout Resource) -> Void) {
    for place in entries.values.indices {
      body(entries.values[place].interface, &entries.values[place].resource)
    }
  }

  /// Each with what it needs, in no order.
  package func map<Result>(_ body: (NetworkInterface, Resource) -> Result) -> [Result] {
    entries.values.map { body($0.interface, $0.resource) }
  }

  /// Only these are wanted from now on: refusals of others are forgotten.
  ///
  /// - Returns: the indices of those that are in force and not wanted, to be ended.
  package mutating func want(_ interfaces: [NetworkInterface]) -> [UInt32] {
    let wanted = Set(interfaces.map(\.index))
    refusals = refusals.filter { wanted.contains($0.key) }
    return entries.keys.filter { !wanted.contains($0) }.sorted()
  }

  /// In force from now on, or still.
  package mutating func began(_ interface: NetworkInterface, _ resource: Resource) -> InterfaceChange? {
    refusals[interface.index] = nil
    let old = entries.updateValue(Entry(interface: interface, resource: resource), forKey: interface.index)
    guard let old else { return .began(interface) }
    return old.interface.name == interface.name
      ? nil : .renamed(from: old.interface.name, interface)
  }

  /// Gone, down, or not wanted any more.
  package mutating func ended(_ index: UInt32) -> InterfaceChange? {
    entries.removeValue(forKey: index).map { .ended($0.interface) }
  }

  /// The system refuses it; told once for each reason.
  package mutating func refused(_ interface: NetworkInterface, _ error: MulticastError) -> InterfaceChange? {
    entries[interface.index] = nil
    return refusals.updateValue(error, forKey: interface.index) == error ? nil : .refused(interface, error)
  }

  /// The next refusal is told, whatever it is.
  package mutating func forgetRefusal(of interface: NetworkInterface) { refusals[interface.index] = nil }

  /// When to try again what was refused, in ns of CLOCK_MONOTONIC; nil where nothing was.
  package mutating func retryTime(now: Int64) -> Int64? { retry.time(isNeeded: !refusals.isEmpty, now: now) }
}

extension ActiveInterfaces: Sendable where Resource: Sendable {}
extension ActiveInterfaces.Entry: Sendable where Resource: Sendable {}

/// What became of one interface, for the operator.
package enum InterfaceChange: Equatable, Sendable {
  /// In use from now on.
  case began(NetworkInterface)
  /// The same interface has another name now.
  case renamed(from: String, NetworkInterface)
  /// Gone or down.
  case ended(NetworkInterface)
  /// The system refuses; told once for each reason.
  case refused(NetworkInterface, MulticastError)
  /// In use, and nothing can arrive.
  case carrierLost(NetworkInterface)
  case carrierBack(NetworkInterface)

  /// The interface as it is now, or was last.
  package var interface: NetworkInterface {
    switch self {
    case .began(let interface), .renamed(_, let interface), .ended(let interface), .refused(let interface, _),
      .carrierLost(let interface), .carrierBack(let interface):
      interface
    }
  }
}

/// When the system is asked again for what it refused: after 1 s, doubling to 30 s.
private struct Retry: Sendable {
  private static let first: Int64 = 1_000_000_000
  private static let longest: Int64 = 30_000_000_000

  private var delay = Retry.first
  private var due: Int64?

  /// One attempt is waited for at a time, however often the refusal is met meanwhile.
  mutating func time(isNeeded: Bool, now: Int64) -> Int64? {
    guard isNeeded else {
      self = Retry()
      return nil
    }
    if let due, due > now { return due }
    due = now + delay
    delay = min(delay * 2, Self.longest)
    return due
  }
}
