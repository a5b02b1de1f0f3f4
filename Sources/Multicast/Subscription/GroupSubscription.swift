// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// A receive socket and its memberships. Carries out the directives of `SubscriptionState`; no other type
/// joins or leaves.
///
/// Not Sendable: confined to the queue that reads the socket.
package final class GroupSubscription {
  /// Maximum number of indices searched for stale memberships. Indices only grow, and stale ones are assumed
  /// to be more recent than this.
  private static let reach: UInt32 = 65_536

  package let receiver: MulticastReceiver
  /// Accepted sources; empty for any source.
  package private(set) var sources: [IPAddress]
  private var state = SubscriptionState()
  /// Whether the socket may have memberships that are not in `state`.
  private var mayHaveStale: Bool

  /// - Parameters:
  ///   - sources: empty for any source; otherwise source-specific multicast (RFC 4607).
  ///   - isAdopted: whether the socket was opened by the previous process and has memberships.
  package init(_ receiver: MulticastReceiver, sources: [IPAddress], isAdopted: Bool = false) {
    self.receiver = receiver
    self.sources = sources
    mayHaveStale = isAdopted
  }

  // MARK: Interfaces

  package var interfaces: [NetworkInterface] { state.interfaces }
  /// Joined interfaces without a carrier, by index.
  package var withoutCarrier: Set<UInt32> { state.withoutCarrier }

  /// Joins the group on these interfaces and leaves it on all others.
  ///
  /// - Parameter interfaces: the usable interfaces of a plan.
  /// - Returns: the changes, including refusals.
  package func follow(_ interfaces: [NetworkInterface]) -> [InterfaceChange] {
    leaveStale(except: interfaces)
    var changes: [InterfaceChange] = []
    for directive in state.directives(for: interfaces) { changes += run(directive) }
    for directive in changes.compactMap(state.directive(after:)) { changes += run(directive) }
    return changes
  }

  /// Time of the next retry of a refused join, in ns of CLOCK_MONOTONIC; nil if none was refused.
  package func retryTime(now: Int64) -> Int64? { state.retryTime(now: now) }

  /// Leaves the group on all interfaces. The socket stays open.
  package func leaveAll() {
    for directive in state.directives(for: []) { _ = run(directive) }
  }

  /// Replaces the source filter (MCAST_MSFILTER, RFC 3678 section 5.2).
  ///
  /// On an interface where the kernel refuses it the group is left; the next `follow` retries and reports the
  /// error.
  ///
  /// - Parameter new: empty for any source.
  package func setSources(_ new: [IPAddress]) {
    sources = new
    for interface in state.interfaces {
      do throws(MulticastError) {
        try receiver.setSources(new, interfaceIndex: interface.index)
      } catch {
        _ = run(.leave(interface.index))
      }
    }
  }

  private func run(_ directive: SubscriptionState.Directive) -> [InterfaceChange] {
    let outcome: SubscriptionState.Outcome
    switch directive {
    case .leave(let index):
      receiver.leave(interfaceIndex: index)
      outcome = .done
    case .join(let interface):
      outcome = receiver.isMember(interfaceIndex: interface.index) ? .isMember : join(interface)
    case .renew(let interface):
      receiver.leave(interfaceIndex: interface.index)
      outcome = join(interface)
    }
    return state.note(directive, outcome, at: Clocks.monotonic())
  }

  private func join(_ interface: NetworkInterface) -> SubscriptionState.Outcome {
    do throws(MulticastError) {
      try receiver.join(interfaceIndex: interface.index, sources: sources)
      return .done
    } catch {
      return .refused(error)
    }
  }

  /// A socket kept over a restart is still a member on interfaces that were removed meanwhile. Their indices
  /// are unknown, and each membership counts against igmp_max_memberships, so all indices are tried (0.2 µs
  /// each).
  private func leaveStale(except interfaces: [NetworkInterface]) {
    guard mayHaveStale else { return }
    mayHaveStale = false
    let wanted = Set(interfaces.map(\.index))
    // Indices above the newest wanted one are searched after a later restart, once a newer one is wanted.
    let newest = wanted.max() ?? Self.reach
    for index in (newest - min(newest, Self.reach))...newest where index > 0 && !wanted.contains(index) {
      if receiver.isMember(interfaceIndex: index) { receiver.leave(interfaceIndex: index) }
    }
  }

  // MARK: Missing querier

  /// All peers on an interface are silent: rejoins the group (`QuerierProbe`).
  ///
  /// - Returns: refusals; on those interfaces the group is no longer joined.
  package func fellSilent(
    _ index: UInt32, at now: Int64, last: Int64, interval: Int64, isNetwork: Bool
  ) -> [InterfaceChange] {
    state.fellSilent(index, at: now, last: last, interval: interval, isNetwork: isNetwork).map(run) ?? []
  }

  /// A peer is heard again. See `SubscriptionState.heard`.
  package func heard(_ index: UInt32, at time: Int64) -> Int64? { state.heard(index, at: time) }
}
