// SPDX-License-Identifier: Apache-2.0

import Control
import Heartbeat
import Liveness
import Platform
import Settings
import Varlink

extension Daemon {
  func openControl(at path: String) async throws(VarlinkServerError) {
    let server = VarlinkServer(service: ControlInterface.service(of: self), label: "mcastd.control")
    try await server.listen(at: path)
    control = server
  }

  func closeControl() async {
    await control?.stop()
    control = nil
  }

  /// The name in this host's heartbeats; nil where it sends none, or without a name.
  var publishedName: HostName? { settings.publish.enabled ? settings.name.name : nil }

  /// The reply to `GetStatus`. Reads the socket's drop count first, so that the ledger is exact. Logs
  /// nothing.
  func statusReply() async -> StatusReply {
    // The last count is saved for the next process.
    if !service.isStopping { await subscriber.countDrops() }
    let memberships = subscriber.joined.memberships
    let ledger = self.ledger.snapshot
    let sources = settings.sources.map(\.description)
    var values: [String: StatusReply.Setting] = [:]
    for setting in settings.effective {
      values[setting.key.name] = StatusReply.Setting(
        value: setting.value, origin: "\(setting.origin)", source: setting.origin.kind.rawValue)
    }
    return StatusReply(
      version: Version.current, startedUsec: startedNanoseconds / 1000,
      uptimeUsec: Clocks.elapsed(since: startedMonotonic) / 1000, status: statusLine,
      received: ledger.received, logged: ledger.logged, summarised: ledger.summarised, queued: ledger.queued,
      kernelDropped: ledger.kernelDropped, truncated: ledger.truncated, foreign: ledger.foreign,
      unauthenticated: ledger.unauthenticated, replayed: ledger.replayed,
      sent: ledger.sent, sendFailed: ledger.sendFailed,
      peers: StatusReply.Peers(subscriber.status.summary.counts),
      conditions: conditions.map {
        ConditionReply(
          condition: $0.kind.rawValue, interface: $0.interface,
          sinceUsec: Clocks.epochMicroseconds(ofMonotonic: $0.since))
      },
      sendingOn: publisher.interfaces,
      memberships: memberships.map {
        StatusReply.Membership(
          group: "\(settings.subscribe.group)", port: Int(settings.subscribe.port), interface: $0.interface,
          interfaceIndex: Int($0.interfaceIndex), sources: sources)
      },
      waitingFor: interfaces.waitingFor,
      config: self.sources.configFile ?? self.sources.standardFile ?? SettingsSources.standardFile,
      settings: values, keys: keySummary)
  }
}

extension StatusReply.Peers {
  init(_ counts: PeerCounts) {
    self.init(
      alive: counts.alive, late: counts.late, silent: counts.silent, left: counts.left,
      unknown: counts.unknown)
  }
}
