// SPDX-License-Identifier: Apache-2.0

/// The active interfaces of one direction (receiving or sending), the resource of each, and what the kernel
/// refused. Pure; the caller makes the attempts and reports their results.
package struct ActiveInterfaces<Resource> {
  fileprivate struct Entry {
    var interface: NetworkInterface
    var resource: Resource
  }

  /// By the kernel's interface index.
  private var entries: [UInt32: Entry] = [:]
  private var refusals: [UInt32: MulticastError] = [:]
  private var retry = Retry()

  package init() {}

  /// Active interfaces, ordered by index.
  package var interfaces: [NetworkInterface] {
    entries.values.map(\.interface).sorted { $0.index < $1.index }
  }
  package var indices: Set<UInt32> { Set(entries.keys) }
  package var isEmpty: Bool { entries.isEmpty }

  package func interface(_ index: UInt32) -> NetworkInterface? { entries[index]?.interface }

  package subscript(index: UInt32) -> Resource? { entries[index]?.resource }

  /// Changes the resource of an active interface; no effect on others.
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

  /// Unordered.
  package func map<Result>(_ body: (NetworkInterface, Resource) -> Result) -> [Result] {
    entries.values.map { body($0.interface, $0.resource) }
  }

  /// Sets the wanted interfaces and drops the refusals of all others.
  ///
  /// - Returns: indices of active interfaces that are no longer wanted, for the caller to end.
  package mutating func want(_ interfaces: [NetworkInterface]) -> [UInt32] {
    let wanted = Set(interfaces.map(\.index))
    refusals = refusals.filter { wanted.contains($0.key) }
    return entries.keys.filter { !wanted.contains($0) }.sorted()
  }

  /// The interface is active, newly or still.
  package mutating func began(_ interface: NetworkInterface, _ resource: Resource) -> InterfaceChange? {
    refusals[interface.index] = nil
    let old = entries.updateValue(Entry(interface: interface, resource: resource), forKey: interface.index)
    guard let old else { return .began(interface) }
    return old.interface.name == interface.name
      ? nil : .renamed(from: old.interface.name, interface)
  }

  /// The interface is gone, down or no longer wanted.
  package mutating func ended(_ index: UInt32) -> InterfaceChange? {
    entries.removeValue(forKey: index).map { .ended($0.interface) }
  }

  /// The kernel refused the interface. Reported once for each error.
  package mutating func refused(_ interface: NetworkInterface, _ error: MulticastError) -> InterfaceChange? {
    entries[interface.index] = nil
    return refusals.updateValue(error, forKey: interface.index) == error ? nil : .refused(interface, error)
  }

  /// Makes the next refusal be reported, even with the same error.
  package mutating func forgetRefusal(of interface: NetworkInterface) { refusals[interface.index] = nil }

  /// Time of the next retry after a refusal, in ns of CLOCK_MONOTONIC; nil without a refusal.
  package mutating func retryTime(now: Int64) -> Int64? { retry.time(isNeeded: !refusals.isEmpty, now: now) }
}

extension ActiveInterfaces: Sendable where Resource: Sendable {}
extension ActiveInterfaces.Entry: Sendable where Resource: Sendable {}

/// A change of one interface, as reported to the operator.
package enum InterfaceChange: Equatable, Sendable {
  /// Active from now on.
  case began(NetworkInterface)
  /// Same interface, new name.
  case renamed(from: String, NetworkInterface)
  /// Gone or down.
  case ended(NetworkInterface)
  /// Refused by the kernel. Reported once for each error.
  case refused(NetworkInterface, MulticastError)
  /// Active, but without a carrier: nothing can arrive.
  case carrierLost(NetworkInterface)
  case carrierBack(NetworkInterface)

  /// The interface in its current or last state.
  package var interface: NetworkInterface {
    switch self {
    case .began(let interface), .renamed(_, let interface), .ended(let interface), .refused(let interface, _),
      .carrierLost(let interface), .carrierBack(let interface):
      interface
    }
  }
}

/// Retry backoff after a refusal: 1 s, doubling to 30 s.
private struct Retry: Sendable {
  private static let first: Int64 = 1_000_000_000
  private static let longest: Int64 = 30_000_000_000

  private var delay = Retry.first
  private var due: Int64?

  /// At most one retry is pending, however many refusals occur meanwhile.
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
