// SPDX-License-Identifier: Apache-2.0

import Daemon
import Multicast
import Platform

/// The memberships of a process: carries out what `SubscriptionState` decides on the simulated kernel, as
/// `GroupSubscription` does on a socket.
final class SimulatedMemberships: GroupMemberships {
  let group: Endpoint
  private unowned(unsafe) let world: World
  private let host: Int
  private var state = SubscriptionState()

  init(of host: Int, in world: World) {
    self.host = host
    self.world = world
    group = world.scenario.group
  }

  var interfaces: [NetworkInterface] { state.interfaces }
  var withoutCarrier: Set<UInt32> { state.withoutCarrier }

  func follow(_ interfaces: [NetworkInterface]) -> [InterfaceChange] {
    var changes: [InterfaceChange] = []
    for directive in state.directives(for: interfaces) { changes += run(directive) }
    for directive in changes.compactMap(state.directive(after:)) { changes += run(directive) }
    return changes
  }

  func retryTime(now: Int64) -> Int64? { state.retryTime(now: now) }

  func fellSilent(
    _ index: UInt32, at now: Int64, last: Int64, interval: Int64, isNetwork: Bool
  ) -> [InterfaceChange] {
    state.fellSilent(index, at: now, last: last, interval: interval, isNetwork: isNetwork).map(run) ?? []
  }

  func heard(_ index: UInt32, at time: Int64) -> Int64? { state.heard(index, at: time) }

  private func run(_ directive: SubscriptionState.Directive) -> [InterfaceChange] {
    let outcome: SubscriptionState.Outcome
    switch directive {
    case .leave(let index):
      world.leave(index, host: host)
      outcome = .done
    case .join(let interface):
      outcome = world.isMember(interface.index, host: host) ? .isMember : join(interface)
    case .renew(let interface):
      world.leave(interface.index, host: host)
      outcome = join(interface)
    }
    return state.note(directive, outcome, at: world.hosts[host].clock.monotonic(world.now))
  }

  private func join(_ interface: NetworkInterface) -> SubscriptionState.Outcome {
    guard let errno = world.join(interface.index, host: host) else { return .done }
    return .refused(
      .system(call: "setsockopt MCAST_JOIN_GROUP", object: "\(group) on \(interface.name)", errno: errno))
  }
}
