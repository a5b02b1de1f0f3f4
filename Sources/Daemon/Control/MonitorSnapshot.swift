// SPDX-License-Identifier: Apache-2.0

import Control
import Liveness
import Platform
import Varlink

/// The snapshots with which calls of `io.mcastd.Monitor` begin: conditions, peers, readings and rules, made
/// as each caller reads them, on a queue of its own. All of them together take a quarter of a core at most.
actor MonitorSnapshot {
  private nonisolated let executor = QueueExecutor(label: "mcastd.snapshot")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// How much longer than its making the rest after a slice is.
  private static let share: Int64 = 3

  /// Hosts whose readings are a slice.
  private static let hostsAtOnce = 8

  private let daemon: Daemon
  /// When the next slice may be made, in ns of CLOCK_MONOTONIC.
  private var earliest: Int64 = 0

  init(of daemon: Daemon) { self.daemon = daemon }

  func send(to replies: VarlinkReplies) async {
    let subscriber = daemon.subscriber
    let conditions = await daemon.conditions
    let expected = await subscriber.read { pipeline in
      let expected = pipeline.monitor.liveness.expected
      return expected.subjects.compactMap { subject in expected.state(of: subject).map { (subject, $0) } }
    }
    let first = conditions.map { MonitorReply($0) } + expected.map { MonitorReply(expected: $0, $1) }
    for part in first.slices(of: PeerSlices.size) {
      guard await turn(of: replies) else { return }
      send(part, to: replies)
    }
    var slices = PeerSlices(of: subscriber)
    while await turn(of: replies), let peers = await slices.next() {
      send(peers.compactMap { MonitorReply($0.report, interface: $0.interface) }, to: replies)
    }
    let hosts = await subscriber.read { $0.monitor.facts.names }
    for part in hosts.slices(of: Self.hostsAtOnce) {
      guard await turn(of: replies) else { return }
      send(await subscriber.read { $0.readings(of: part) }.map { MonitorReply($0) }, to: replies)
    }
    let rules = await subscriber.read { $0.monitor.rules.current }
    for part in rules.slices(of: PeerSlices.size) {
      guard await turn(of: replies) else { return }
      send(part.map { MonitorReply(rule: $0.rule, $0.state, since: $0.since) }, to: replies)
    }
    var last = MonitorReply(.complete, timeUsec: Clocks.realtime() / 1000)
    last.host = await daemon.publishedName.map { "\($0)" }
    send([last], to: replies)
  }

  private func send(_ slice: some Sequence<MonitorReply>, to replies: VarlinkReplies) {
    let start = Clocks.monotonic()
    for reply in slice { VarlinkContinuedReply(reply).map { _ = replies.send($0) } }
    let end = Clocks.monotonic()
    earliest = end + Self.share * (end - start)
  }

  /// Waits until a slice may be made, and its caller has read those before.
  ///
  /// - Returns: False where nothing more is sent.
  private func turn(of replies: VarlinkReplies) async -> Bool {
    while true {
      guard await replies.room() else { return false }
      let left = earliest - Clocks.monotonic()
      guard left > 0 else { return true }
      await executor.pause(milliseconds: Int(left / 1_000_000) + 1)
    }
  }
}
