// SPDX-License-Identifier: Apache-2.0

import Journal
import Monitor
import Multicast
import Platform
import Settings

/// Follows the configured interfaces as they come and go.
///
/// A reconciliation calls each loop once, with the plan of its direction, and gets the changes back.
extension Daemon {
  func requestReconciliation() { trigger.request() }

  /// Reconciles behind pending changes.
  func reconcile() async {
    await changes.run { _ = await self.reconcileNow() }
  }

  /// Compares the wanted interfaces with the present ones, follows the difference and reports it. Call only
  /// from within `changes`.
  ///
  /// - Returns: New refusals of the system.
  @discardableResult
  func reconcileNow() async -> [MulticastError] {
    trigger.begin()
    guard !service.isStopping else { return [] }
    let table: InterfaceTable
    do {
      table = try InterfaceTable.read()
    } catch {
      trigger.retry(at: Clocks.monotonic() + 1_000_000_000)
      return [error]
    }
    let plans = interfaces.plans(
      settings, in: table, routes: (route(settings.subscribe), route(settings.publish)),
      sources: publisher.sources)
    let sent = await publisher.follow(plans.send.usable)
    let received = await subscriber.follow(plans.receive, expectsOwn: settings.ownHeartbeatsReturn)
    let changes = InterfaceReconciler.Changes(
      received: received.changes, sent: sent.changes,
      memberships: Set(subscriber.joined.memberships.map(\.interfaceIndex)))
    for event in interfaces.events(settings, changes, plans, in: table, now: Clocks.monotonic()) {
      events.report(event)
    }
    for time in [received.retryTime, sent.retryTime, interfaces.nextDue] { trigger.retry(at: time) }
    updateStatus()
    return (received.changes + sent.changes).compactMap {
      if case .refused(_, let error) = $0 { error } else { nil }
    }
  }

  /// Index of the output interface of the route to the group, where the choice needs it.
  private func route(_ direction: Settings.Direction) -> UInt32? {
    guard direction.enabled else { return nil }
    do throws(MulticastError) {
      return try RouteQuery.interfaceIndex(for: direction.interfaces, to: direction.group)
    } catch {
      events.debug("\(error)")
      return nil
    }
  }

  /// - Parameter granted: Bytes granted by the kernel.
  func reportClamping(_ granted: Int) {
    guard granted < settings.receiveBuffer else { return }
    let clamped = ReceivingEvent.bufferClamped(granted: granted, wanted: settings.receiveBuffer)
    events.report(.receiving(clamped, group: settings.subscribe.endpoint))
  }
}

extension Settings {
  /// Whether our own heartbeats should be received.
  fileprivate var ownHeartbeatsReturn: Bool {
    publish.enabled && subscribe.enabled && publish.endpoint == subscribe.endpoint && loopback
      && sources.isEmpty
  }
}
