// SPDX-License-Identifier: Apache-2.0

import Multicast
import Settings
import Systemd

/// Applying a configuration anew: all of it or nothing.
extension Daemon {
  /// SIGHUP: the daemon's own environment and files.
  func reloadOnSignal() async {
    _ = await reload(environment: nil)
  }

  /// - Parameter environment: the MCASTD_* variables to use in place of the daemon's own.
  /// - Returns: why the new configuration was refused; nil when it is in force.
  func reload(environment: [String: String]?) async -> String? {
    await changes.run { await self.reloadNow(environment: environment) }
  }

  private func reloadNow(environment: [String: String]?) async -> String? {
    guard !isStopping else { return "mcastd is stopping" }
    tell { try notifier.reloading(status: "reloading the configuration") }
    var sources = sources
    if let environment { sources.environment = environment }
    var refusal: String?
    do {
      try await apply(try Settings.load(sources))
      self.sources = sources
    } catch let error as SettingsError {
      refusal = "\(error)"
    } catch let error as MulticastError {
      refusal = "\(error). \(StartAdvice.text(error.errno))"
    } catch {
      refusal = "\(error)"
    }
    // READY=1 before the verdict, and also on refusal: the daemon goes on with what it has.
    let status = statusLine
    lastStatus = status
    tell { try notifier.ready(status: status) }
    if let refusal {
      events.report(
        .configurationRefused, .error,
        "the configuration was refused, the one before stays in force: \(refusal)")
    } else {
      events.report(.configurationApplied, .notice, "the configuration is in force: \(status)")
    }
    return refusal
  }

  private func apply(_ new: Settings) async throws {
    let old = settings
    let change = SettingsChange(from: old, to: new)
    // What can be refused comes first, while nothing has been touched.
    var replacement: MulticastReceiver?
    if new.subscribe.enabled, change.receiverMustBeReplaced {
      let receiver = try MulticastReceiver(group: new.subscribe.endpoint, receiveBuffer: new.receiveBuffer)
      try Self.prejoin(receiver, new)
      replacement = receiver
    } else if new.subscribe.enabled {
      if old.sources != new.sources { try await subscriber.setSources(new.sources) }
      if change.receiveBufferChanged { try await subscriber.setReceiveBuffer(new.receiveBuffer) }
    }
    events = events.at(new.log.level.loggerLevel)
    for warning in new.warnings where !old.warnings.contains(warning) {
      events.report(.configurationUnknownKey, .warning, "\(warning)")
    }
    settings = new
    if StoredReceiver.name(old) != StoredReceiver.name(new) || old.subscribe.enabled != new.subscribe.enabled
    {
      stored.remove(for: old)
      if let replacement {
        stored.keep(replacement.descriptor, for: new)
        reportClamping(replacement.grantedReceiveBuffer)
        await subscriber.use(replacement, sources: new.sources)
        receiving = InterfaceUse()
      } else if new.subscribe.enabled {
        await subscriber.withDescriptor { stored.keep($0, for: new) }
      } else {
        await subscriber.close()
      }
    }
    // After the last datagram of the old socket: entries name the group that this sets.
    await subscriber.apply(new, events: events)
    await publisher.apply(Publisher.Plan(new), events: events)
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
