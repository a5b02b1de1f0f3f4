// SPDX-License-Identifier: Apache-2.0

import Monitor
import Multicast
import Platform
import Settings

/// Compares the interfaces of the settings with those that are there: where to receive and to send, what is
/// waited for, and what of it the journal is told. Pure.
struct InterfaceReconciler {
  struct Plans {
    var receive = InterfacePlan()
    var send = InterfacePlan()
  }

  /// Changes that carrying out the plans has brought about.
  struct Changes {
    var received: [InterfaceChange]
    var sent: [InterfaceChange]
    /// Indices of the interfaces on which the group is joined now.
    var memberships: Set<UInt32>
  }

  /// Interfaces waited for, with the reason: `eth0 (it is down)`.
  private(set) var waitingFor: [String] = []
  /// Last known interface names of the configured references.
  private var names: [InterfaceReference: String] = [:]
  private var missing = MissingInterfaces()
  private var sendingFilter = SendingReportFilter()

  /// When the next report is due, in nanoseconds of CLOCK_MONOTONIC; nil for none.
  var nextDue: Int64? { missing.nextDue }

  /// - Parameters:
  ///   - routes: Indices of the output interfaces of the routes to the group.
  ///   - sources: Addresses that are sent from, by interface index.
  mutating func plans(
    _ settings: Settings, in table: InterfaceTable, routes: (receive: UInt32?, send: UInt32?),
    sources: [UInt32: IPAddress]
  ) -> Plans {
    var plans = Plans()
    if settings.subscribe.enabled {
      plans.receive = InterfacePlan(
        settings.subscribe.interfaces, group: settings.subscribe.group, isSending: false, table: table,
        route: routes.receive, former: names)
    }
    if settings.publish.enabled {
      plans.send = InterfacePlan(
        settings.publish.interfaces, group: settings.publish.group, isSending: true, table: table,
        route: routes.send, sources: sources, former: names)
    }
    names = plans.receive.found.merging(plans.send.found) { $1 }
    waitingFor = (plans.receive.waitingFor + plans.send.waitingFor).uniqued()
    return plans
  }

  /// What has changed, and interfaces that stay missing.
  ///
  /// - Parameter now: Nanoseconds of CLOCK_MONOTONIC.
  mutating func events(
    _ settings: Settings, _ changes: Changes, _ plans: Plans, in table: InterfaceTable, now: Int64
  ) -> [Event] {
    let receiving = report(settings.subscribe, isSending: false, table)
    let sending = report(settings.publish, isSending: true, table)
    // Where both directions use the same interfaces the reports of memberships cover both.
    let covered =
      settings.subscribe.enabled && settings.subscribe.interfaces == settings.publish.interfaces
      ? changes.memberships : nil
    var events = changes.received.map { receiving.event(for: $0) }
    for change in changes.sent where sendingFilter.passes(change, memberships: covered) {
      events.append(sending.event(for: change))
    }
    let absent = plans.receive.missing + plans.send.missing.filter { !plans.receive.missing.contains($0) }
    for reference in missing.note(absent, now: now) {
      events.append(receiving.event(missing: reference, origin: Self.origin(of: reference, settings)))
    }
    return events
  }

  private func report(
    _ direction: Settings.Direction, isSending: Bool, _ table: InterfaceTable
  ) -> InterfaceReport {
    InterfaceReport(
      direction: direction, isSending: isSending, table: table, waitingFor: waitingFor)
  }

  /// Origin of the setting that names the reference.
  private static func origin(of reference: InterfaceReference, _ settings: Settings) -> Origin {
    let isReceiving = settings.subscribe.enabled && settings.subscribe.interfaces.names(reference)
    let key: Key = isReceiving ? .subscribeInterface : .publishInterface
    return settings.effective.first { $0.key == key }?.origin ?? .default
  }
}

extension InterfaceChoice {
  fileprivate func names(_ reference: InterfaceReference) -> Bool {
    if case .listed(let references) = self { references.contains(reference) } else { false }
  }
}

/// The result of following a plan in one direction.
struct InterfaceOutcome: Sendable {
  var changes: [InterfaceChange] = []
  /// Time of the next retry of refused interfaces, in ns of CLOCK_MONOTONIC; nil without a refusal.
  var retryTime: Int64?
}
