// SPDX-License-Identifier: Apache-2.0

import Control
import Heartbeat
import Journal
import Liveness
import Metrics
import Platform
import Rules
import Varlink

/// All metrics as they are now: collected where somebody asks for them, and nowhere else.
enum MetricsListing {
  /// Hosts whose readings are copied in one turn of the receive loop.
  private static let hostsAtOnce = 8

  /// The reply to `GetMetrics`.
  ///
  /// - Parameter expected: Bytes that it may have.
  static func build(from daemon: Daemon, expected: Int) async -> VarlinkParameters {
    guard
      var list = VarlinkParameters.ListEncoder(
        NoParameters(), list: MetricsReply.list, expected: expected)
    else { return .none }
    for family in await families(of: daemon) { _ = list.append(family) }
    return list.finish()
  }

  /// In the order of `Metric`.
  static func families(of daemon: Daemon) async -> [MetricFamily] {
    var table = MetricTable()
    await daemon.addMetrics(to: &table)
    let subscriber = daemon.subscriber
    for rule in await subscriber.read({ $0.monitor.rules.current }) {
      let labels = MetricLabels(["rule": "\(rule.rule)"])
      table.add(.ruleActive, labels, rule.state.isEntered ? 1 : 0)
      table.add(.ruleState, MetricLabels(["rule": "\(rule.rule)", "state": rule.state.rawValue]), 1)
      table.add(.ruleChanges, labels, Double(rule.changes))
    }
    let expected = await subscriber.read { $0.monitor.liveness.expected }
    for subject in expected.subjects {
      if let state = expected.state(of: subject) { table.add(MetricTable.Host(expected: subject, state)) }
    }
    let named = Set(expected.subjects)
    var slices = PeerSlices(of: subscriber)
    while let peers = await slices.next() {
      for (report, interface, _) in peers {
        table.add(
          MetricTable.Host(report, interface: interface, isExpected: named.contains(report.id.subject)))
      }
    }
    let hosts = await subscriber.read { $0.monitor.facts.names }
    for part in hosts.slices(of: hostsAtOnce) {
      for (host, readings) in await subscriber.read({ pipeline in
        part.map { ($0, pipeline.readings(of: CollectionOfOne($0))) }
      }) {
        table.add(MetricTable.Host(readings, of: host, isExpected: named.contains(.name(host))))
      }
    }
    return table.finish()
  }
}

extension Daemon {
  /// Adds what concerns the daemon itself.
  fileprivate func addMetrics(to table: inout MetricTable) async {
    // The last count is saved for the next process.
    if !service.isStopping { await subscriber.countDrops() }
    table.add(.buildInfo, MetricLabels(["version": Version.current]), 1)
    table.add(.startTime, Double(startedNanoseconds / 1000) / 1e6)
    let counts = ledger.snapshot
    for (metric, count) in [
      (.received, counts.received), (.logged, counts.logged), (.summarised, counts.summarised),
      (.queued, counts.queued), (.dropped, counts.kernelDropped), (.truncated, counts.truncated),
      (.foreign, counts.foreign), (.unauthenticated, counts.unauthenticated), (.replayed, counts.replayed),
      (.sent, counts.sent), (.sendFailed, counts.sendFailed),
    ] as [(Metric, UInt64)] {
      table.add(metric, Double(count))
    }
    let conditions = conditions
    for kind in Condition.Kind.allCases {
      let count = conditions.count { $0.kind == kind }
      table.add(.conditions, MetricLabels(["condition": kind.rawValue]), Double(count))
    }
    let peers = await subscriber.read { $0.monitor.liveness.counts }
    for (state, count) in [
      (.alive, peers.alive), (.late, peers.late), (.silent, peers.silent), (.left, peers.left),
      (.unknown, peers.unknown),
    ] as [(PeerState, Int)] {
      table.add(.peers, MetricLabels(["state": state.rawValue]), Double(count))
    }
    table.add(.peersRefused, Double(peers.refused))
    table.add(.rulesLeftOut, Double(ruleFiles.faults.count))
  }
}
