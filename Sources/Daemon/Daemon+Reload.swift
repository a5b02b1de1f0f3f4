// SPDX-License-Identifier: Apache-2.0

import Heartbeat
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
    notify { try notifier.reloading(status: "reloading the configuration") }
    var sources = sources
    if let environment { sources.environment = environment }
    let outcome = await outcome(of: sources)
    // READY=1 before the verdict, and also on refusal: the daemon goes on with what it has.
    let status = statusLine
    lastStatus = status
    notify { try notifier.ready(status: status) }
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
    var family = settings.subscribe.group.family
    do {
      let new = try Settings.load(sources)
      family = new.subscribe.group.family
      let changes = new.changes(from: settings)
      let effects = Set(changes.map(\.key.reloadEffect))
      let replacement = try Self.prepare(new, effects)
      await commit(new, effects, replacement)
      self.sources = sources
      return .applied(changes: changes, warnings: new.warnings.map { "\($0)" })
    } catch let error as MulticastError {
      return .refused("\(error). \(ErrnoAdvice.start(error.errno, family: family))")
    } catch {
      return .refused("\(error)")
    }
  }

  /// Asks the system for all that it may refuse, with sockets of its own: nothing that is in force is
  /// touched.
  ///
  /// - Returns: the subscription to take in place of the one in force; nil to go on with that.
  /// - Throws: `MulticastError`.
  private static func prepare(
    _ new: Settings, _ effects: Set<ReloadEffect>
  ) throws(MulticastError) -> sending GroupSubscription? {
    guard new.subscribe.enabled, !effects.isDisjoint(with: [.receiver, .sources]) else { return nil }
    let subscription = GroupSubscription(
      try MulticastReceiver(group: new.subscribe.endpoint, receiveBuffer: new.receiveBuffer),
      sources: new.sources)
    let direction = new.subscribe
    let plan = InterfacePlan(
      direction.interfaces, group: direction.group, isSending: false, table: try InterfaceTable.read(),
      route: try RouteQuery.interfaceIndex(for: direction.interfaces, to: direction.group))
    for case .refused(_, let error) in subscription.follow(plan.usable) where !error.isMissingInterface {
      throw error
    }
    // New sources go to the socket that is in force, which loses nothing: this one was to see whether they
    // can.
    return effects.contains(.receiver) ? subscription : nil
  }

  /// Puts a configuration in force. What the system refuses in spite of `prepare` is tried again and told of,
  /// as everything that changes while the daemon runs.
  ///
  /// - Parameter replacement: what `prepare` returned.
  private func commit(
    _ new: Settings, _ effects: Set<ReloadEffect>, _ replacement: sending GroupSubscription?
  ) async {
    let old = settings
    settings = new
    for warning in new.warnings where !old.warnings.contains(warning) {
      events.report(.configurationUnknownKey, .warning, "\(warning)")
    }
    if effects.contains(.receiver) {
      await replaceReceiver(by: replacement, old)
    } else if new.subscribe.enabled, StoredReceiver.name(old) != StoredReceiver.name(new) {
      stored.remove(for: old)
      await subscriber.withDescriptor { stored.keep($0, for: new) }
    }
    for effect in ReloadEffect.allCases where effects.contains(effect) {
      switch effect {
      // Above, and by the reconciliation below.
      case .none, .receiver, .interfaces: break
      case .sources: await subscriber.setSources(new.sources)
      case .receiveBuffer:
        if let granted = await subscriber.setReceiveBuffer(new.receiveBuffer) { reportClamping(granted) }
      case .senders, .sendOptions:
        let plan = Publisher.Plan(new)
        await publisher.retarget(plan.group, plan.options)
      case .publishing: if !new.publish.enabled { await publisher.stop() }
      case .interval: await publisher.reschedule(new.interval)
      case .zone: await publisher.setZone(new.timestamp)
      case .logLevel: events.setLevel(new.log.level.journalPriority)
      // With the rest of what the receive loop takes, below.
      case .datagramLog, .peers: break
      }
    }
    // After the last datagram of the old socket: entries name the group that this sets.
    await subscriber.apply(new)
    await reconcileNow()
    if !old.publish.enabled, new.publish.enabled { await publisher.start() }
  }

  private func replaceReceiver(by replacement: sending GroupSubscription?, _ old: Settings) async {
    stored.remove(for: old)
    guard let replacement else { return await subscriber.close() }
    stored.keep(replacement.receiver.descriptor, for: settings)
    reportClamping(replacement.receiver.grantedReceiveBuffer)
    await subscriber.use(replacement)
  }
}
