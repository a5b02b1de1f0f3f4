// SPDX-License-Identifier: Apache-2.0

/// On which interfaces the group is joined, which of them have a carrier, and since when: the single owner of
/// these facts. Pure; it returns directives, and `GroupSubscription` carries them out and reports the
/// outcome. Times are nanoseconds of CLOCK_MONOTONIC.
package struct SubscriptionState: Sendable {
  package enum Directive: Equatable, Sendable {
    /// Join the group unless it is already joined.
    case join(NetworkInterface)
    /// By index: the interface may no longer exist.
    case leave(UInt32)
    /// Leave and rejoin at once, which sends a report (RFC 3376, 5.1) to a switch that may have dropped the
    /// membership or been replaced. Without a querier nothing else makes the kernel send a report.
    case renew(NetworkInterface)
  }

  /// Result of a directive.
  package enum Outcome: Equatable, Sendable {
    case done
    /// The adopted socket already had the membership.
    case isMember
    case refused(MulticastError)
  }

  private struct Membership: Sendable {
    var joined: Int64
    var hasCarrier: Bool
    var probe = QuerierProbe()
  }

  /// Minimum time between reports of a missing querier (ns): one hour.
  private static let quiet: Int64 = 3_600_000_000_000

  private var active = ActiveInterfaces<Membership>()
  private var toldOfQuerier: Int64?

  package init() {}

  /// Interfaces on which the group is joined, ordered by index.
  package var interfaces: [NetworkInterface] { active.interfaces }

  package func interface(_ index: UInt32) -> NetworkInterface? { active.interface(index) }

  /// Joined interfaces without a carrier, by index.
  package var withoutCarrier: Set<UInt32> {
    active.indices.filter { active[$0]?.hasCarrier == false }
  }

  /// Time of the next retry of a refused join; nil if none was refused.
  package mutating func retryTime(now: Int64) -> Int64? { active.retryTime(now: now) }

  // MARK: Interfaces

  /// Directives that leave the group joined on exactly these interfaces.
  package mutating func directives(for wanted: [NetworkInterface]) -> [Directive] {
    active.want(wanted).map { .leave($0) } + wanted.map { .join($0) }
  }

  /// Records the outcome of a directive. Call in the order of the directives.
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

  /// Follow-up to a change: when the carrier is back, the switch needs a new report.
  package func directive(after change: InterfaceChange) -> Directive? {
    if case .carrierBack(let interface) = change { .renew(interface) } else { nil }
  }

  // MARK: Missing querier

  /// All peers on an interface are silent.
  ///
  /// - Parameters:
  ///   - last: time of the last arrival.
  ///   - interval: at which that peer was expected, in nanoseconds.
  ///   - isNetwork: whether several peers stopped together.
  package mutating func fellSilent(
    _ index: UInt32, at now: Int64, last: Int64, interval: Int64, isNetwork: Bool
  ) -> Directive? {
    active.update(index) {
      $0.probe.begin(joined: $0.joined, at: now, last: last, interval: interval, isNetwork: isNetwork)
    }
    return active.interface(index).map { .renew($0) }
  }

  /// A peer is heard again.
  ///
  /// - Parameter time: time of arrival, not of processing.
  /// - Returns: time from the join to the last arrival (ns), if the rejoin ended the silence and that was
  ///   not reported within the last hour.
  package mutating func heard(_ index: UInt32, at time: Int64) -> Int64? {
    let heardFor = active.update(index) { $0.probe.heard(at: time) }
    guard let heardFor = heardFor ?? nil else { return nil }
    if let toldOfQuerier, time - toldOfQuerier < Self.quiet { return nil }
    toldOfQuerier = time
    return heardFor
  }
}
