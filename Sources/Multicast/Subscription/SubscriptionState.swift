// SPDX-License-Identifier: Apache-2.0

/// On which interfaces the group is joined, which of them have a carrier, and since when: the one owner of
/// these facts. Pure; it says what is to be done, `GroupSubscription` does it and says what came of it. Times
/// are nanoseconds of CLOCK_MONOTONIC.
package struct SubscriptionState: Sendable {
  package enum Directive: Equatable, Sendable {
    /// See to it that the group is joined.
    case join(NetworkInterface)
    /// By the index: there may be no such interface any more.
    case leave(UInt32)
    /// Leave and join at once, which sends a report (RFC 3376, 5.1) to a switch that may have forgotten us,
    /// or be another one. Nothing else makes the kernel send one, unless a querier asks.
    case renew(NetworkInterface)
  }

  /// What came of a directive.
  package enum Outcome: Equatable, Sendable {
    case done
    /// Nothing was to be done: the socket came with the membership.
    case isMember
    case refused(MulticastError)
  }

  private struct Membership: Sendable {
    var joined: Int64
    var hasCarrier: Bool
    var probe = QuerierProbe()
  }

  /// What is told of a switch that forgets is told so often at most: once an hour.
  private static let quiet: Int64 = 3_600_000_000_000

  private var active = ActiveInterfaces<Membership>()
  private var toldOfQuerier: Int64?

  package init() {}

  /// Where the group is joined, in the order of their indices.
  package var interfaces: [NetworkInterface] { active.interfaces }

  package func interface(_ index: UInt32) -> NetworkInterface? { active.interface(index) }

  /// Those on which nothing can arrive, by index.
  package var withoutCarrier: Set<UInt32> {
    active.indices.filter { active[$0]?.hasCarrier == false }
  }

  /// When to try again what was refused; nil where nothing was.
  package mutating func retryTime(now: Int64) -> Int64? { active.retryTime(now: now) }

  // MARK: Interfaces

  /// What has to be done so that the group is joined on these interfaces and no others.
  package mutating func directives(for wanted: [NetworkInterface]) -> [Directive] {
    active.want(wanted).map { .leave($0) } + wanted.map { .join($0) }
  }

  /// What came of a directive, in the order in which they were given.
  package mutating func note(_ directive: Directive, _ outcome: Outcome, at now: Int64) -> [InterfaceChange] {
    switch (directive, outcome) {
    case (.leave(let index), _): return [active.ended(index)].compactMap { $0 }
    case (.join(let interface), .refused(let error)), (.renew(let interface), .refused(let error)):
      return [active.refused(interface, error)].compactMap { $0 }
    case (.renew(let interface), _):
      active.update(interface.index) { $0.joined = now }
      return []
    case (.join(let interface), _): return joined(interface, isNew: outcome == .done, at: now)
    }
  }

  private mutating func joined(_ interface: NetworkInterface, isNew: Bool, at now: Int64) -> [InterfaceChange]
  {
    let before = active[interface.index]
    var membership = before ?? Membership(joined: now, hasCarrier: true)
    if isNew { membership.joined = now }
    membership.hasCarrier = interface.hasCarrier
    var changes = [active.began(interface, membership)].compactMap { $0 }
    switch (before?.hasCarrier ?? true, interface.hasCarrier) {
    case (true, false): changes.append(.carrierLost(interface))
    case (false, true): changes.append(.carrierBack(interface))
    default: break
    }
    return changes
  }

  /// What a change makes necessary besides: after a cable was put back the switch has to be told of us again.
  package func directive(after change: InterfaceChange) -> Directive? {
    if case .carrierBack(let interface) = change { .renew(interface) } else { nil }
  }

  // MARK: Switches that forget

  /// Everybody on an interface fell silent.
  ///
  /// - Parameters:
  ///   - last: when somebody was heard last.
  ///   - isNetwork: whether several peers stopped together.
  package mutating func fellSilent(
    _ index: UInt32, at now: Int64, last: Int64, isNetwork: Bool
  ) -> Directive? {
    active.update(index) { $0.probe.begin(joined: $0.joined, at: now, last: last, isNetwork: isNetwork) }
    return active.interface(index).map { .renew($0) }
  }

  /// When the silence of this length (ns) ended that led to a join anew; nil where none did.
  package func end(of silence: Int64, on index: UInt32) -> Int64? { active[index]?.probe.end(of: silence) }

  /// Somebody is heard again.
  ///
  /// - Parameters:
  ///   - time: when it was heard, and not when that was noticed.
  ///   - interval: how often it is expected to be heard, in nanoseconds.
  /// - Returns: for how long the group was heard after a join before it fell quiet (ns), when joining anew
  ///   has cured it and that was not said lately.
  package mutating func heard(_ index: UInt32, at time: Int64, interval: Int64) -> Int64? {
    let heardFor = active.update(index) { $0.probe.heard(at: time, interval: interval) }
    guard let heardFor = heardFor ?? nil else { return nil }
    if let toldOfQuerier, time - toldOfQuerier < Self.quiet { return nil }
    toldOfQuerier = time
    return heardFor
  }
}
