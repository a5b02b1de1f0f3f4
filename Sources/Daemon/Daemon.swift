// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Heartbeat
import Journal
import Liveness
import Monitor
import Multicast
import Platform
import Rules
import Settings
import Systemd
import Varlink

/// The daemon: wires the loops together, keeps them on the present interfaces, and talks to systemd.
///
/// Data never passes through this actor. It acts when something changes: an interface, the configuration, a
/// signal.
package actor Daemon {
  nonisolated let executor = QueueExecutor(label: "mcastd.daemon")
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// The loop of `subscriber` and `publisher`.
  let loop: EventLoop
  let startedNanoseconds = Clocks.realtime()
  let startedMonotonic = Clocks.monotonic()
  let ledger = SharedLedger()
  let writer: JournalWriter
  let subscriber: Subscriber
  let publisher: Publisher
  let readings: ReadingsPublisher
  /// Nil while this host has no name.
  var files: ReadingsDirectory?
  /// What follows from the states of rules.
  let states: StateOutlet
  /// The rules in force, and why others are not, as it was told.
  var ruleFiles = RuleFiles()
  let stored: StoredReceiver
  let checkpoints: PeerCheckpointWriter?
  /// A process's environment is fixed at its start; `reload --environment` supplies another.
  var sources: SettingsSources
  var settings: Settings
  /// In force; nil where heartbeats are not authenticated.
  var keys: KeyRing?
  /// Serialises reloads and reconciliations.
  let changes: SerialTaskQueue
  let events: EventReporter

  /// State towards the service manager.
  var service: ServiceState
  var interfaces = InterfaceReconciler()
  private(set) lazy var trigger = ReconciliationTrigger { [weak self, executor] in
    Task(executorPreference: executor) { await self?.reconcile() }
  }
  var control: VarlinkServer?
  /// Where a file of metrics would be; nil for nowhere.
  let runtimeDirectory: String?
  /// Nil while there is no file of metrics.
  var metrics: MetricsFile?
  var pulse: LoopTimer?
  /// Asks for more time while a stop goes on.
  var stopTimer: DeadlineTimer?
  var signals: [any DispatchSourceSignal] = []
  /// When STATUS= was last due, in nanoseconds of CLOCK_MONOTONIC.
  var lastStatusTime = Clocks.monotonic()

  init(
    on loop: EventLoop, sources: SettingsSources, settings: Settings, keys: KeyRing?,
    destination: sending LogDestination, directory: String?, isGapless: Bool
  ) {
    self.loop = loop
    self.sources = sources
    self.settings = settings
    self.keys = keys
    runtimeDirectory = directory
    changes = SerialTaskQueue(on: executor)
    let form = destination.datagramForm
    let entries = EntryQueue(capacity: settings.log.queue)
    let writer = JournalWriter(entries: entries, ledger: ledger, destination: destination)
    let events = EventReporter(
      journal: EventLog(level: settings.log.level.journalPriority) { writer.record($0) },
      stream: EventStream())
    let log = DatagramLog(
      queue: entries, ledger: ledger, form: form, group: settings.subscribe.endpoint,
      policy: LogPolicy(settings.log),
      // On a quiet group one or two entries are written at once; a batch is left to the writer's own thread.
      wakeWriter: { entries in entries <= 2 ? writer.writeNow() : writer.wake() })
    let sent = SentTimes()
    let places = SendingPlaces()
    let kept = PeerCheckpoint.read(directory: directory, group: settings.subscribe.endpoint)
    var monitor = Monitor(
      Monitor.Configuration(settings), restoring: kept, realtime: Clocks.realtime(), at: Clocks.monotonic(),
      isGapless: isGapless)
    _ = monitor.handle(
      .authenticated(.init(mode: settings.authentication.mode, keys: keys)), at: Clocks.monotonic())
    self.writer = writer
    self.events = events
    states = StateOutlet(
      instance: StateOutlet.instance(runtimeDirectory: directory), directory: directory
    ) { events.report($0) }
    subscriber = Subscriber(
      on: loop, ledger: ledger, sent: sent,
      pipeline: ReceivePipeline(
        log: log, monitor: monitor, sent: sent, places: places, previous: kept?.senders),
      events: events, states: states, zone: settings.timestamp, directory: directory)
    publisher = Publisher(
      on: loop, plan: Publisher.Plan(settings, keys: keys), ledger: ledger, sent: sent, places: places,
      events: events,
      directory: directory)
    readings = ReadingsPublisher(
      publisher: publisher, subscriber: subscriber, events: events, name: settings.name.name)
    checkpoints = PeerCheckpointWriter(directory: directory, events: events)
    let notifier = ServiceNotifier()
    service = ServiceState(notifier) { events.debug("\($0)") }
    stored = StoredReceiver(store: DescriptorStore(notifier: notifier), events: events)
  }
}

extension Daemon {
  /// The keys in force and which of them seal, for people; empty for none.
  var keySummary: [String] {
    keys?.summary(sealing: settings.publish.enabled ? settings.name.name : nil) ?? []
  }

  /// The group of events that concern the daemon as a whole.
  var group: Endpoint { (settings.subscribe.enabled ? settings.subscribe : settings.publish).endpoint }
}
