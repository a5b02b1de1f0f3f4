// SPDX-License-Identifier: Apache-2.0

import Control
import Platform
import Varlink

// The service on the control socket.
extension ControlInterface {
  static func service(of daemon: Daemon) -> VarlinkService {
    let peers = SharedListing(label: "mcastd.listing", lifetime: 1_000_000_000) { [daemon] expected in
      await PeerListing.build(from: daemon.subscriber, expected: expected)
    }
    let rules = SharedListing(label: "mcastd.rules", lifetime: 100_000_000) { [daemon] expected in
      await RulesListing.build(from: daemon, expected: expected)
    }
    let metrics = SharedListing(label: "mcastd.metrics", lifetime: 100_000_000) { [daemon] expected in
      await MetricsListing.build(from: daemon, expected: expected)
    }
    let snapshot = MonitorSnapshot(of: daemon)
    let interface = VarlinkInterface(
      name: name, description: description,
      methods: [
        VarlinkMethod(Method.getStatus.rawValue) { _ in await daemon.statusReply() },
        VarlinkMethod(Method.listPeers.rawValue) { _ in await peers.reply() },
        VarlinkMethod(Method.explainPeer.rawValue, accepts: ExplainParameters.names) {
          (call) throws(VarlinkError) in
          try await daemon.subscriber.explain(call.parameters(ExplainParameters.self).peer)
        },
        VarlinkMethod(Method.listReadings.rawValue, accepts: ListReadingsParameters.names) {
          (call) throws(VarlinkError) in
          try await daemon.subscriber.listReadings(of: call.parameters(ListReadingsParameters.self).hosts)
        },
        VarlinkMethod(Method.listRules.rawValue) { _ in await rules.reply() },
        VarlinkMethod(Method.getMetrics.rawValue) { _ in await metrics.reply() },
        VarlinkMethod(Method.setReadings.rawValue, accepts: SetReadingsParameters.names) {
          (call) throws(VarlinkError) in
          guard call.peer.isOfOurGroup else { throw .permissionDenied }
          return try await daemon.set(call.parameters(SetReadingsParameters.self))
        },
        VarlinkMethod(Method.unsetReadings.rawValue, accepts: UnsetReadingsParameters.names) {
          (call) throws(VarlinkError) in
          guard call.peer.isOfOurGroup else { throw .permissionDenied }
          return try await daemon.unset(call.parameters(UnsetReadingsParameters.self))
        },
        VarlinkMethod(Method.monitor.rawValue) { _, replies in
          await daemon.events.stream.serve(replies) { await snapshot.send(to: $0) }
        },
        VarlinkMethod(Method.reload.rawValue, accepts: ReloadParameters.names) {
          (call) throws(VarlinkError) in
          guard call.peer.isPrivileged else { throw .permissionDenied }
          let parameters = try call.parameters(ReloadParameters.self)
          switch await daemon.reload(environment: parameters.environment) {
          case .refused(let reason): throw Failure.configurationRefused.error(reason: reason)
          case .applied(let changes, let warnings, let keys, let rules):
            return ReloadReply(
              changes: changes.map(ReloadReply.Change.init), keys: keys, rules: rules,
              warnings: warnings)
          }
        },
      ])
    return VarlinkService(
      vendor: "mcastd", product: "mcastd", version: Version.current, url: Program.documentation,
      interfaces: [interface],
      refusal: { refusal in
        switch refusal {
        case .tooManyConnections: Failure.busy.error(reason: "too many connections")
        case .tooManyStreams: Failure.busy.error(reason: "too many callers of Monitor")
        case .idle: Failure.busy.error(reason: "idle")
        case .replyTooLong:
          Failure.replyTooLong.error(
            reason: "more than \(VarlinkLimits().replyBytes >> 20) MiB, or of an event"
              + " \(VarlinkLimits().streamBytes >> 10) KiB; the files of peers have them one by one")
        case .tooSlow: Failure.overrun.error(reason: "more than is kept waits to be read")
        case .replyNotEncodable: nil
        }
      })
  }
}
