// SPDX-License-Identifier: Apache-2.0

import Daemon
import Journal
import Liveness
import Monitor
import Multicast
import Platform

/// A process of the daemon: the parts that `Daemon`, `Subscriber` and `Publisher` wire together, without
/// their queues, timers and sockets. What these do is done by `World`.
///
/// Times are in nanoseconds of the host's CLOCK_MONOTONIC.
final class DaemonProcess {
  let generation: Int
  let memberships: SimulatedMemberships
  let ledger = SharedLedger()
  let sent = SentTimes()
  let places = SendingPlaces()
  let journal: SimulatedJournal
  let events: EventReporter
  var reception: Reception
  var schedule: BeatSchedule
  var configuration: Monitor.Configuration

  /// By the host's ports: whether it sends there, from which port, and how that goes.
  var isSending: [Bool]
  let sourcePorts: [UInt16]
  var health: [SendHealth]

  var lastTick: Int64
  /// When the next judgement is due; nil for none.
  var deadline: Int64?
  /// Whether a `wake` stands in the timeline.
  var isWaking = false
  var drops = SummaryPace()
  var lastDrops: Int64
  /// Indices of the interfaces on which the group is joined, as the pipeline has them.
  var members: [UInt32] = []
  /// Datagrams that were read, for the oracle.
  var read: UInt64 = 0
  var dropped: UInt64 = 0
  var beatsSent: UInt64 = 0

  /// - Parameters:
  ///   - kept: What the process before left.
  ///   - report: Gets every entry of the daemon's own.
  ///   - observe: Gets every event of the receive loop.
  init(
    of host: Host, in world: World, kept: PeerCheckpoint?, isGapless: Bool,
    report: @escaping (LogRecord) -> Void, observe: @escaping (Event) -> Void
  ) {
    let now = host.clock.monotonic(world.now)
    let group = world.scenario.group
    let plan = host.plan
    generation = host.generation
    memberships = SimulatedMemberships(of: host.number, in: world)
    let journal = SimulatedJournal(capacity: plan.log.queue, ledger: ledger)
    self.journal = journal
    let sink = Sink(report)
    events = EventReporter(journal: EventLog(level: .debug) { sink.report($0) }, stream: EventStream())
    configuration = Monitor.Configuration(
      group: group, capacity: plan.capacity,
      expected: plan.expected.map { .address(world.ports[$0].address) },
      sources: [], interval: host.interval)
    let log = DatagramLog(
      queue: journal.entries, ledger: ledger, form: .journal, group: group, policy: plan.log,
      secret: .init(low: 0x9e37_79b9_7f4a_7c15, high: 0xbf58_476d_1ce4_e5b9), now: now,
      wakeWriter: { _ in journal.write() })
    let monitor = Monitor(
      configuration, restoring: kept, realtime: host.clock.realtime(world.now), at: now,
      isGapless: isGapless, hash: Self.hash)
    reception = Reception(
      pipeline: ReceivePipeline(
        log: log, monitor: monitor, sent: sent, places: places, previous: kept?.senders),
      sinks: EventSinks(
        folders: plan.keepsFiles ? host.folders : nil, status: StatusSink(), events: events,
        observe: observe),
      events: events)
    schedule = BeatSchedule(start: now, interval: host.interval)
    isSending = host.ports.map { _ in false }
    sourcePorts = host.ports.map { _ in UInt16(world.random.between(32_768, 60_999)) }
    health = host.ports.map { _ in SendHealth() }
    lastTick = now
    lastDrops = now
  }

  /// In place of the one that is seeded for the process.
  private static let hash: @Sendable (PeerID) -> UInt64 = { id in
    let word = (id.address.low ^ id.address.high &* 31 ^ UInt64(UInt32(bitPattern: id.interface)) << 48)
    let mixed = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    let again = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return again ^ (again >> 31)
  }

  /// Sendable although it is not: a world has one thread, and what it hands to is called on it.
  private final class Sink: @unchecked Sendable {
    let report: (LogRecord) -> Void
    init(_ report: @escaping (LogRecord) -> Void) { self.report = report }
  }
}
