// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// A receive socket and its memberships: does what `SubscriptionState` decides. Nobody else joins or leaves.
///
/// Not Sendable: it belongs to whoever reads the socket.
package final class GroupSubscription {
  /// Indices looked through at most for memberships that are left over: they only grow, and what is stale is
  /// younger than this.
  private static let reach: UInt32 = 65_536

  package let receiver: MulticastReceiver
  /// From whom the group is heard; empty for everybody.
  package private(set) var sources: [IPAddress]
  private var state = SubscriptionState()
  /// Whether the socket may have memberships that nobody here knows of.
  private var mayHaveStale: Bool

  /// - Parameters:
  ///   - sources: empty for any source; otherwise source-specific multicast (RFC 4607).
  ///   - isAdopted: whether the socket is of a process before this one, and has memberships.
  package init(_ receiver: MulticastReceiver, sources: [IPAddress], isAdopted: Bool = false) {
    self.receiver = receiver
    self.sources = sources
    mayHaveStale = isAdopted
  }

  // MARK: Where the group is joined

  package var interfaces: [NetworkInterface] { state.interfaces }
  /// Those on which nothing can arrive, by index.
  package var withoutCarrier: Set<UInt32> { state.withoutCarrier }

  /// Joins the group on these interfaces and leaves it on all others.
  ///
  /// - Parameter interfaces: those of a plan that can be used.
  /// - Returns: what changed, refusals among it.
  package func follow(_ interfaces: [NetworkInterface]) -> [InterfaceChange] {
    leaveStale(except: interfaces)
    var changes: [InterfaceChange] = []
    for directive in state.directives(for: interfaces) { changes += run(directive) }
    for directive in changes.compactMap(state.directive(after:)) { changes += run(directive) }
    return changes
  }

  /// When to try again what was refused, in ns of CLOCK_MONOTONIC; nil where nothing was.
  package func retryTime(now: Int64) -> Int64? { state.retryTime(now: now) }

  /// Leaves the group everywhere. The socket stays open.
  package func leaveAll() {
    for directive in state.directives(for: []) { _ = run(directive) }
  }

  /// Hears the group from other sources from now on (MCAST_MSFILTER, RFC 3678 section 5.2).
  ///
  /// Where that is refused the group is left: the next `follow` tries again, and says why not.
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

  /// A socket that was kept over a restart is still a member on interfaces that went away meanwhile. Nobody
  /// knows their indices any more, and each counts against igmp_max_memberships: all are tried (0.2 µs each).
  private func leaveStale(except interfaces: [NetworkInterface]) {
    guard mayHaveStale else { return }
    mayHaveStale = false
    let wanted = Set(interfaces.map(\.index))
    // Whatever is newer than the newest wanted one is found when there is a newer one.
    let newest = wanted.max() ?? Self.reach
    for index in (newest - min(newest, Self.reach))...newest where index > 0 && !wanted.contains(index) {
      if receiver.isMember(interfaceIndex: index) { receiver.leave(interfaceIndex: index) }
    }
  }

  // MARK: Switches that forget

  /// Everybody on an interface fell silent: the group is joined anew (`QuerierProbe`).
  ///
  /// - Returns: what was refused: there the group is not joined any more.
  package func fellSilent(_ index: UInt32, at now: Int64, last: Int64, isNetwork: Bool) -> [InterfaceChange] {
    state.fellSilent(index, at: now, last: last, isNetwork: isNetwork).map(run) ?? []
  }

  /// When the silence of this length (ns) ended that led to a join anew; nil where none did.
  package func end(of silence: Int64, on index: UInt32) -> Int64? { state.end(of: silence, on: index) }

  /// Somebody is heard again. As `SubscriptionState.heard`.
  package func heard(_ index: UInt32, at time: Int64, interval: Int64) -> Int64? {
    state.heard(index, at: time, interval: interval)
  }
}
