// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Monitor
import Multicast
import Platform
import Settings

/// Reload of the configuration, all or nothing.
extension Daemon {
  /// SIGHUP: the daemon's own environment and files.
  func reloadOnSignal() async {
    _ = await reload(environment: nil)
  }

  /// The result of a reload.
  enum ReloadOutcome: Sendable {
    /// In force.
    ///
    /// - Parameters:
    ///   - warnings: All of them, old and new.
    ///   - keys: Those in force now, where they are others, or others seal.
    ///   - rules: Those that are new, changed or removed, each with which of it.
    case applied(changes: [SettingChange], warnings: [String], keys: [String], rules: [String])
    /// The previous configuration stays in force.
    case refused(String)
  }

  /// - Parameter environment: the MCASTD_* variables to use in place of the daemon's own.
  func reload(environment: [String: String]?) async -> ReloadOutcome {
    await changes.run { await self.reloadNow(environment: environment) }
  }

  private func reloadNow(environment: [String: String]?) async -> ReloadOutcome {
    guard !service.isStopping else { return .refused("mcastd is stopping") }
    service.reloading()
    var sources = sources
    if let environment { sources.environment = environment }
    let outcome = await outcome(of: sources)
    // READY=1 comes before the report, and after a refusal too: the daemon keeps running on the old settings.
    let status = statusLine
    service.ready(status)
    switch outcome {
    case .refused(let reason):
      events.report(.service(.configurationRefused(reason: reason)))
    case .applied(let changes, _, let keys, let rules):
      let texts =
        changes.map { "\($0.key.name)=\($0.after)" }
        + (keys.isEmpty ? [] : ["keys: \(keys.joined(separator: ", "))"])
        + (rules.isEmpty ? [] : ["rules: \(rules.joined(separator: ", "))"])
      events.report(.service(.configurationApplied(status: status, changes: texts)))
    }
    return outcome
  }

  private func outcome(of sources: SettingsSources) async -> ReloadOutcome {
    var family = settings.subscribe.group.family
    do {
      let new = try Settings.load(sources)
      // At each reload: the file has the same name with other keys in it.
      let keys = try new.keys()
      family = new.subscribe.group.family
      let changes = new.changes(from: settings)
      let effects = Set(changes.map(\.key.reloadEffect))
      let replacement = try Self.prepare(new, effects)
      let (keysBefore, rulesBefore) = (keySummary, ruleFiles)
      await commit(new, keys, effects, replacement)
      self.sources = sources
      return .applied(
        changes: changes,
        warnings: new.warnings.map { "\($0)" } + ruleFiles.faults.map { "rule not in force: \($0)" },
        keys: keySummary == keysBefore ? [] : keySummary, rules: ruleFiles.changes(from: rulesBefore))
    } catch let error as MulticastError {
      return .refused("\(error). \(error.startAdvice(family))")
    } catch {
      return .refused("\(error)")
    }
  }

  /// Requests everything that the system may refuse on separate sockets, without touching those in force.
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
    let plan = try InterfacePlan.receiving(new.subscribe.group, on: new.subscribe.interfaces)
    for case .refused(_, let error) in subscription.follow(plan.usable) where !error.isMissingInterface {
      throw error
    }
    // New sources are set on the socket in force, which loses nothing; this one only tested them.
    return effects.contains(.receiver) ? subscription : nil
  }

  /// Puts a configuration in force. What the system refuses in spite of `prepare` is reported and retried by
  /// reconciliation.
  ///
  /// - Parameter replacement: The result of `prepare`.
  private func commit(
    _ new: Settings, _ keys: KeyRing?, _ effects: Set<ReloadEffect>,
    _ replacement: sending GroupSubscription?
  ) async {
    let old = settings
    settings = new
    for warning in new.warnings where !old.warnings.contains(warning) {
      events.report(.service(.settingUnknown(warning: "\(warning)")))
    }
    if effects.contains(.receiver) {
      await replaceReceiver(by: replacement, old)
    } else if new.subscribe.enabled, StoredReceiver.name(old) != StoredReceiver.name(new) {
      stored.remove(for: old)
      // Not on the receive loop: a notification may block (`ServiceNotifier`).
      if let receiver = await subscriber.duplicateDescriptor() {
        withExtendedLifetime(receiver) { stored.keep(receiver.number, for: new) }
      }
    }
    self.keys = keys
    await publisher.setKeys(keys)
    for effect in ReloadEffect.allCases where effects.contains(effect) {
      switch effect {
      // Done above, and by the reconciliation below.
      case .none, .receiver, .interfaces: break
      case .sources: await subscriber.setSources(new.sources)
      case .receiveBuffer:
        if let granted = await subscriber.setReceiveBuffer(new.receiveBuffer) { reportClamping(granted) }
      case .senders, .sendOptions:
        let plan = Publisher.Plan(new, keys: keys)
        await publisher.retarget(plan.group, plan.options)
      case .publishing: if !new.publish.enabled { await publisher.stop() }
      case .interval: await publisher.reschedule(new.interval)
      case .identity: await publisher.setName(new.name.name, saysGoodbye: new.saysGoodbye)
      case .zone: await publisher.setZone(new.timestamp)
      case .logLevel: events.journal.setLevel(new.log.level.journalPriority)
      case .metrics: await followMetrics()
      // Done above and below: keys may be others while no setting has changed.
      case .authentication: break
      // Done by `Subscriber.apply` below.
      case .datagramLog, .peers: break
      // Done below; the files of rules may be others while no setting has changed.
      case .readings, .rules: break
      }
    }
    if !effects.isDisjoint(with: [.identity, .authentication, .interval, .senders]) {
      await readings.rename(new.name.name)
    }
    if !effects.isDisjoint(with: [.identity, .readings]) { await followReadings() }
    // After the last datagram of the old socket, since entries name the group that this sets.
    await subscriber.apply(new)
    await subscriber.authenticate(by: .init(mode: new.authentication.mode, keys: keys))
    await followRules()
    await reconcileNow()
    if !old.publish.enabled, new.publish.enabled, !service.isStopping { await publisher.start() }
  }

  private func replaceReceiver(by replacement: sending GroupSubscription?, _ old: Settings) async {
    stored.remove(for: old)
    guard let replacement else { return await subscriber.close() }
    stored.keep(replacement.receiver.descriptor, for: settings)
    reportClamping(replacement.receiver.grantedReceiveBuffer)
    await subscriber.use(replacement)
  }
}
