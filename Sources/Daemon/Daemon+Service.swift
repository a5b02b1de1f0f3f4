// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Journal
import Liveness
import Platform
import Settings
import Systemd

/// Service lifecycle towards systemd: readiness, status, watchdog, signals, shutdown.
extension Daemon {
  func installSignals() {
    signals = Signals.service.sources(on: executor.queue) { [weak self] signal in
      guard let self else { return }
      Task { signal == SIGHUP ? await self.reloadOnSignal() : await self.stop(signal) }
    }
  }

  func becomeReady() {
    isReady = true
    let status = statusLine
    lastStatus = status
    notify { try notifier.ready(status: status) }
    events.report(
      .started, .notice, "mcastd \(Version.current) started: \(status)",
      eventFields.merging(["MCAST_VERSION": Version.current]) { $1 })
    startTicking()
    if directory != nil { Task { await savePeers() } }
  }

  // MARK: Ticks

  /// Period of STATUS= and of the checkpoint for the next process, in nanoseconds.
  private static let statusInterval: Int64 = 10_000_000_000

  /// Starts the timer, with as few wake-ups as possible: each costs more than the work for a heartbeat.
  private func startTicking() {
    let watchdog = watchdogLimit
    // WATCHDOG=1 is due within the limit; a loop must have run within a quarter of it.
    let interval = min(watchdog.map { $0 / 5 } ?? Self.statusInterval, Self.statusInterval)
    let loops = LoopWatchdog([
      LoopWatchdog.Loop(queue: subscriber.executor.queue, progress: subscriber.progress, isWell: { true }),
      LoopWatchdog.Loop(
        queue: publisher.executor.queue, progress: publisher.progress,
        isWell: { [publisher] in
          publisher.assumeIsolated { $0.lateness } < (watchdog ?? Int64.max) / 4
        }),
    ])
    let timer = DispatchSource.makeTimerSource(queue: executor.queue)
    let nanoseconds = DispatchTimeInterval.nanoseconds(Int(interval))
    timer.schedule(deadline: .now(), repeating: nanoseconds, leeway: .nanoseconds(Int(interval / 20)))
    timer.setEventHandler { [weak self] in
      self?.assumeIsolated { $0.tick(loops, quarter: watchdog.map { $0 / 4 }) }
    }
    timer.activate()
    ticker = timer
  }

  private func tick(_ loops: LoopWatchdog, quarter: Int64?) {
    if let quarter {
      if loops.haveAllRun(within: quarter) { notify { try notifier.watchdog() } }
      loops.ask(ifOlderThan: quarter / 2)
    }
    let now = Clocks.monotonic()
    guard now - lastStatusTime >= Self.statusInterval else { return }
    lastStatusTime = now
    updateStatus()
    if directory != nil { Task { await savePeers() } }
  }

  /// Writes the checkpoint of peers, in case the process ends without a shutdown.
  private func savePeers() async {
    let (directory, kept) = (directory, await subscriber.peerCheckpoint(isComplete: false))
    // Encoding thousands of peers takes long, so it runs on none of the loops.
    let failure = await Task.detached(priority: .utility) { Self.failure(of: kept, in: directory) }.value
    report(peerCheckpoint: failure)
  }

  private static func failure(of kept: PeerCheckpoint, in directory: String?) -> FileFailure? {
    do throws(FileFailure) {
      try kept.write(directory: directory)
      return nil
    } catch {
      return error
    }
  }

  private func report(peerCheckpoint failure: FileFailure?) {
    events.report(
      peerCheckpointHealth.note(failure), files: "peers for the next process",
      consequence: "After a restart peers may be reported as new.")
  }

  // MARK: STATUS=

  var statusLine: String {
    StatusLine(
      settings: settings, receiving: subscriber.memberships.map(\.interface), sending: publisher.interfaces,
      waitingFor: waitingFor,
      ledger: ledger.snapshot, peers: settings.subscribe.enabled ? subscriber.peerSummary.counts : nil,
      conditions: conditions
    ).text
  }

  /// Conditions that keep the daemon from receiving, judging or sending.
  var conditions: [Condition] {
    (settings.subscribe.enabled ? subscriber.peerSummary.conditions : [])
      + (settings.publish.enabled ? publisher.failing : [])
  }

  /// Updates STATUS= within a second of a change of conditions or peers, and reconciles after a lost
  /// membership.
  func showChangesAtOnce() async {
    let show: @Sendable () -> Void = { [weak self] in Task { await self?.updateStatus() } }
    await subscriber.whenSummaryChanges(show)
    await publisher.whenFailingChanges(show)
    await subscriber.whenMembershipIsLost { [weak self] in Task { await self?.reconcile() } }
  }

  /// Sends STATUS= if the line has changed.
  func updateStatus() {
    let status = statusLine
    guard isReady, !isStopping, status != lastStatus else { return }
    lastStatus = status
    notify { try notifier.status(status) }
  }

  /// Sends a notification, best effort: a failure is logged at debug level and nothing else.
  func notify(_ notification: () throws -> Void) {
    do {
      try notification()
    } catch {
      events.debug("\(error)")
    }
  }

  // MARK: WATCHDOG=

  /// Watchdog timeout in nanoseconds (WATCHDOG_USEC); nil without a watchdog.
  private var watchdogLimit: Int64? {
    do throws(SystemdError) {
      return try Watchdog.interval()?.nanoseconds
    } catch {
      events.debug("\(error)")
      return nil
    }
  }

  // MARK: Shutdown

  /// Limit on draining the queue into the journal.
  private static let drainTime = Duration.seconds(5)

  private func stop(_ signal: Int32) async {
    guard !isStopping else { return }
    isStopping = true
    notify { try notifier.stopping(status: "stopping") }
    ticker?.cancel()
    monitor?.cancel()
    await publisher.stop()
    await subscriber.tick()
    await subscriber.stop()
    await closeControl()
    report(peerCheckpoint: Self.failure(of: await subscriber.peerCheckpoint(isComplete: true), in: directory))
    let given = await writer.finish(within: Self.drainTime)
    await subscriber.reportSuppressed(isFinal: true)
    let ledger = self.ledger.snapshot
    var fields = ["MCAST_SIGNAL": signal == SIGINT ? "SIGINT" : "SIGTERM"]
    for count in ledger.counts { fields["MCAST_LEDGER_\(count.name)"] = "\(count.value)" }
    let loss =
      given == 0
      ? "" : " The journal did not take \(given) entries within \(Self.drainTime); they are summarised."
    events.report(.stopping, .notice, "stopping: \(ledger).\(loss)", fields)
    _ = await writer.finish(within: .seconds(1))
    await writer.settle(within: .milliseconds(500))
    exit.end(ExitStatus.success)
  }
}

extension Settings.LogLevel {
  /// The lowest priority that passes this level.
  var journalPriority: JournalPriority {
    switch self {
    case .error: .error
    case .warning: .warning
    case .notice: .notice
    case .info: .info
    case .debug: .debug
    }
  }
}
