// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform
import Settings

/// Applying a configuration anew: all of it or nothing.
extension Daemon {
  /// SIGHUP: the daemon's own environment and files.
  func reloadOnSignal() async {
    _ = await reload(environment: nil)
  }

  /// What came of a reload.
  enum ReloadOutcome: Sendable {
    /// In force.
    ///
    /// - Parameter warnings: all of them, whether they are new or not.
    case applied(changes: [SettingChange], warnings: [String])
    /// The configuration before stays in force.
    case refused(String)
  }

  /// - Parameter environment: the MCASTD_* variables to use in place of the daemon's own.
  func reload(environment: [String: String]?) async -> ReloadOutcome {
    await changes.run { await self.reloadNow(environment: environment) }
  }

  private func reloadNow(environment: [String: String]?) async -> ReloadOutcome {
    guard !isStopping else { return .refused("mcastd is stopping") }
    tell { try notifier.reloading(status: "reloading the configuration") }
    var sources = sources
    if let environment { sources.environment = environment }
    let outcome = await outcome(of: sources)
    // READY=1 before the verdict, and also on refusal: the daemon goes on with what it has.
    let status = statusLine
    lastStatus = status
    tell { try notifier.ready(status: status) }
    switch outcome {
    case .refused(let reason):
      events.report(
        .configurationRefused, .error,
        "the configuration was refused, the one before stays in force: \(reason)")
    case .applied(let changes, _):
      let text = changes.map { "\($0.key.name)=\($0.after)" }.joined(separator: ", ")
      events.report(
        .configurationApplied, .notice,
        "the configuration is in force: \(status). Changed: \(changes.isEmpty ? "nothing" : text)")
    }
    return outcome
  }

  private func outcome(of sources: SettingsSources) async -> ReloadOutcome {
    do {
      let new = try Settings.load(sources)
      let changes = new.changes(from: settings)
      try await apply(new, Set(changes.map(\.key.reloadEffect)))
      self.sources = sources
      return .applied(changes: changes, warnings: new.warnings.map { "\($0)" })
    } catch let error as MulticastError {
      return .refused("\(error). \(StartAdvice.text(error.errno))")
    } catch {
      return .refused("\(error)")
    }
  }

  private func apply(_ new: Settings, _ effects: Set<ReloadEffect>) async throws(MulticastError) {
    let old = settings
    // What can be refused comes first, while nothing has been touched.
    var replacement: MulticastReceiver?
    if effects.contains(.receiver) {
      if new.subscribe.enabled {
        let receiver = try MulticastReceiver(group: new.subscribe.endpoint, receiveBuffer: new.receiveBuffer)
        try Self.prejoin(receiver, new)
        replacement = receiver
      }
    } else if new.subscribe.enabled {
      try await subscriber.change(
        sources: old.sources == new.sources ? nil : new.sources,
        receiveBuffer: effects.contains(.receiveBuffer) ? new.receiveBuffer : nil,
        before: old.receiveBuffer)
    }
    // From here on nothing can fail.
    events.setLevel(new.log.level.loggerLevel)
    for warning in new.warnings where !old.warnings.contains(warning) {
      events.report(.configurationUnknownKey, .warning, "\(warning)")
    }
    settings = new
    if effects.contains(.receiver) {
      stored.remove(for: old)
      if let replacement {
        stored.keep(replacement.descriptor, for: new)
        reportClamping(replacement.grantedReceiveBuffer)
        await subscriber.use(replacement, sources: new.sources)
        receiving = InterfaceUse()
      } else {
        await subscriber.close()
      }
    } else if new.subscribe.enabled, StoredReceiver.name(old) != StoredReceiver.name(new) {
      stored.remove(for: old)
      await subscriber.withDescriptor { stored.keep($0, for: new) }
    }
    // After the last datagram of the old socket: entries name the group that this sets.
    await subscriber.apply(new)
    await publisher.apply(Publisher.Plan(new))
    if old.publish.enabled, !new.publish.enabled { await publisher.stop() }
    await reconcileNow()
    if !old.publish.enabled, new.publish.enabled { await publisher.start() }
  }

  /// Joins on the interfaces that are there, so that a refusal is known before the old socket is let go.
  private static func prejoin(_ receiver: MulticastReceiver, _ new: Settings) throws(MulticastError) {
    let plan = InterfacePlan(
      new.subscribe.interfaces, group: new.subscribe.group, isSending: false,
      table: try InterfaceTable.read(),
      route: try RouteQuery.interfaceIndex(to: new.subscribe.group))
    for interface in plan.usable {
      try receiver.join(interfaceIndex: interface.index, sources: new.sources)
    }
  }
}
