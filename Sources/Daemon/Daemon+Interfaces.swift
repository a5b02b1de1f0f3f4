// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Multicast
import Platform
import Settings

/// Follows the configured interfaces as they come and go.
///
/// A reconciliation calls each loop once, with the plan of its direction, and gets the changes back.
extension Daemon {
  /// Schedules a reconciliation behind pending changes. A burst of events leads to one.
  func reconcile() async {
    guard !mustReconcile else { return }
    mustReconcile = true
    await changes.run { _ = await self.reconcileNow() }
  }

  /// Compares the wanted interfaces with the present ones, follows the difference and reports it. Call only
  /// from within `changes`.
  ///
  /// - Returns: New refusals of the system.
  @discardableResult
  func reconcileNow() async -> [MulticastError] {
    // Events from here on need another reconciliation.
    mustReconcile = false
    guard !isStopping else { return [] }
    let table: InterfaceTable
    do {
      table = try InterfaceTable.read()
    } catch {
      scheduleReconciliation(at: Clocks.monotonic() + 1_000_000_000)
      return [error]
    }
    let receive = plan(settings.subscribe, isSending: false, in: table)
    let send = plan(settings.publish, isSending: true, in: table, sources: publisher.sources)
    let sent = await publisher.follow(send.usable)
    let received = await subscriber.follow(receive, expectsOwn: ownHeartbeatsReturn)
    interfaceNames = receive.found.merging(send.found) { $1 }
    waitingFor = (receive.waitingFor + send.waitingFor).reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
    report(received.changes, isSending: false, in: table)
    report(sent.changes, isSending: true, in: table)
    reportMissing(receive.missing + send.missing.filter { !receive.missing.contains($0) }, in: table)
    for time in [received.retryTime, sent.retryTime] { scheduleReconciliation(at: time) }
    updateStatus()
    return (received.changes + sent.changes).compactMap {
      if case .refused(_, let error) = $0 { error } else { nil }
    }
  }

  private func plan(
    _ direction: Settings.Direction, isSending: Bool, in table: InterfaceTable,
    sources: [UInt32: IPAddress] = [:]
  ) -> InterfacePlan {
    guard direction.enabled else { return InterfacePlan() }
    var route: UInt32?
    do throws(MulticastError) {
      route = try RouteQuery.interfaceIndex(for: direction.interfaces, to: direction.group)
    } catch {
      events.debug("\(error)")
    }
    return InterfacePlan(
      direction.interfaces, group: direction.group, isSending: isSending, table: table, route: route,
      sources: sources, former: interfaceNames)
  }

  /// Whether our own heartbeats should be received.
  private var ownHeartbeatsReturn: Bool {
    let (publish, subscribe) = (settings.publish, settings.subscribe)
    return publish.enabled && subscribe.enabled && publish.endpoint == subscribe.endpoint && settings.loopback
      && settings.sources.isEmpty
  }

  // MARK: Reports

  func report(_ changes: [InterfaceChange], isSending: Bool, in table: InterfaceTable) {
    let report = InterfaceReport(
      direction: isSending ? settings.publish : settings.subscribe, isSending: isSending,
      sources: settings.sources, table: table, waitingFor: waitingFor)
    for change in changes where !isSending || sendingFilter.passes(change, memberships: reportedMemberships) {
      let entry = report.entry(for: change)
      events.report(entry.kind, entry.level, entry.text, entry.fields)
    }
  }

  /// Indices of the joined interfaces, if their reports cover both directions; nil if sending is reported on
  /// its own.
  private var reportedMemberships: Set<UInt32>? {
    guard settings.subscribe.enabled, settings.subscribe.interfaces == settings.publish.interfaces else {
      return nil
    }
    return Set(subscriber.memberships.map(\.interfaceIndex))
  }

  /// Reports configured interfaces that stay missing.
  ///
  /// - Parameter missing: Configured references without an interface, each once.
  private func reportMissing(_ missing: [InterfaceReference], in table: InterfaceTable) {
    for reference in missingInterfaces.note(missing, now: Clocks.monotonic()) {
      let fields = eventFields.merging(["MCAST_INTERFACE": "\(reference)"]) { $1 }
      events.report(
        .interfaceMissing, .warning,
        "\(MissingInterfaces.text(reference)), for 30 s now: nothing is sent or heard there. There are "
          + "\(MissingInterfaces.names(table)). The name is from \(origin(of: reference)): correct it "
          + "if it is wrong; the interface is taken into use as soon as it comes.", fields)
    }
    scheduleReconciliation(at: missingInterfaces.nextDue)
  }

  /// Origin of the setting that names the reference.
  private func origin(of reference: InterfaceReference) -> Origin {
    let key: Key =
      settings.subscribe.enabled && settings.subscribe.interfaces.names(reference)
      ? .subscribeInterface : .publishInterface
    return settings.effective.first { $0.key == key }?.origin ?? .default
  }

  /// - Parameter granted: Bytes granted by the kernel.
  func reportClamping(_ granted: Int) {
    guard granted < settings.receiveBuffer else { return }
    events.report(
      .receiveBufferClamped, .warning,
      "the kernel granted a receive buffer of \(granted) bytes instead of \(settings.receiveBuffer) "
        + "(receive-buffer): raise it with `sysctl net.core.rmem_max=\(settings.receiveBuffer)`.",
      ["MCAST_GRANTED": "\(granted)", "MCAST_WANTED": "\(settings.receiveBuffer)"])
  }

  // MARK: Retries

  /// - Parameter due: nanoseconds of CLOCK_MONOTONIC; nil for never.
  private func scheduleReconciliation(at due: Int64?) {
    guard let due, due < nextReconciliation ?? .max else { return }
    nextReconciliation = due
    let delay = Int(max(0, due - Clocks.monotonic()))
    executor.queue.asyncAfter(deadline: .now() + .nanoseconds(delay)) { [weak self] in
      guard let self else { return }
      Task { await self.reconcile(due: due) }
    }
  }

  private func reconcile(due: Int64) async {
    // Superseded by an earlier one.
    guard nextReconciliation == due else { return }
    nextReconciliation = nil
    await reconcile()
  }
}

extension InterfaceChoice {
  fileprivate func names(_ reference: InterfaceReference) -> Bool {
    if case .listed(let references) = self { references.contains(reference) } else { false }
  }
}
