// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Journal
import Liveness
import Monitor
import Platform
import Settings
import Systemd

/// Service lifecycle towards systemd: readiness, status, watchdog, signals, shutdown.
extension Daemon {
  func installSignals() {
    signals = Signals.service.sources(on: executor.queue) { [weak self] signal in
      guard let self else { return }
      Task(executorPreference: executor) {
        signal == SIGHUP ? await self.reloadOnSignal() : await self.stop(signal)
      }
    }
  }

  func becomeReady() {
    let status = statusLine
    service.ready(status)
    events.report(.service(.started(status: status, group: group)))
    startTicking()
    Task(executorPreference: executor) { await self.savePeers() }
  }

  // MARK: Ticks

  /// Period of STATUS= and of the checkpoint for the next process, in nanoseconds.
  private static let statusInterval: Int64 = SenderCheckpoint.period

  /// Starts the timer, with as few wake-ups as possible: each costs more than the work for a heartbeat.
  private func startTicking() {
    let watchdog = watchdog
    let interval = min(watchdog?.interval ?? Self.statusInterval, Self.statusInterval)
    let timer = DispatchSource.makeTimerSource(queue: executor.queue)
    let nanoseconds = DispatchTimeInterval.nanoseconds(Int(interval))
    timer.schedule(deadline: .now(), repeating: nanoseconds, leeway: .nanoseconds(Int(interval / 20)))
    timer.setEventHandler { [weak self] in self?.assumeIsolated { $0.tick(watchdog) } }
    timer.activate()
    ticker = timer
  }

  private func tick(_ watchdog: LoopWatchdog?) {
    if watchdog?.check() == true { service.isAlive() }
    let now = Clocks.monotonic()
    guard now - lastStatusTime >= Self.statusInterval else { return }
    lastStatusTime = now
    updateStatus()
    Task(executorPreference: executor) { await self.savePeers() }
  }

  /// nil where the service manager has none.
  private var watchdog: LoopWatchdog? {
    let limit: Int64
    do throws(SystemdError) {
      guard let interval = try Watchdog.interval() else { return nil }
      limit = interval.nanoseconds
    } catch {
      events.debug("\(error)")
      return nil
    }
    return LoopWatchdog(
      limit: limit,
      [
        LoopWatchdog.Loop(queue: subscriber.executor.queue, progress: subscriber.progress),
        LoopWatchdog.Loop(
          queue: publisher.executor.queue, progress: publisher.progress,
          isWell: { [publisher] in publisher.assumeIsolated { $0.lateness } < limit / 4 }),
      ])
  }

  /// Writes the checkpoint of peers, in case the process ends without a shutdown.
  private func savePeers() async {
    await checkpoints?.write(await subscriber.checkpoint(isComplete: false))
  }

  // MARK: STATUS=

  var statusLine: String {
    StatusLine(
      settings: settings, receiving: subscriber.joined.memberships.map(\.interface),
      sending: publisher.interfaces,
      waitingFor: interfaces.waitingFor,
      ledger: ledger.snapshot, peers: settings.subscribe.enabled ? subscriber.status.summary.counts : nil,
      conditions: conditions
    ).text
  }

  /// Conditions that keep the daemon from receiving, judging or sending.
  var conditions: [Condition] {
    (settings.subscribe.enabled ? subscriber.status.summary.conditions : [])
      + (settings.publish.enabled ? publisher.failing : [])
  }

  /// Updates STATUS= within a second of a change of conditions or peers, and reconciles after a lost
  /// membership.
  func showChangesAtOnce() async {
    let show: @Sendable () -> Void = { [weak self, executor] in
      Task(executorPreference: executor) { await self?.updateStatus() }
    }
    let reconcile: @Sendable () -> Void = { [weak self, executor] in
      Task(executorPreference: executor) { await self?.requestReconciliation() }
    }
    await subscriber.onChange(membershipLost: reconcile, peers: show)
    await publisher.whenFailingChanges(show)
  }

  /// Sends STATUS= if the line has changed.
  func updateStatus() { service.show(statusLine) }

  // MARK: Shutdown

  /// Limit on draining the queue into the journal.
  private static let drainTime = Duration.seconds(5)

  private func stop(_ signal: Int32) async {
    guard !service.isStopping else { return }
    service.stopping()
    ticker?.cancel()
    trigger.cancel()
    await publisher.stop()
    await subscriber.tick()
    await subscriber.stop()
    await checkpoints?.write(await subscriber.checkpoint(isComplete: true))
    let given = await writer.finish(within: Self.drainTime)
    await subscriber.reportSuppressed(isFinal: true)
    let ledger = self.ledger.snapshot
    events.report(
      .service(
        .stopping(
          signal: signal == SIGINT ? "SIGINT" : "SIGTERM", ledger: "\(ledger)", counts: ledger.counts,
          untaken: given, within: Self.drainTime)))
    await events.stream.settle()
    await closeControl()
    _ = await writer.finish(within: .seconds(1))
    await writer.settle(within: .milliseconds(500))
    exit.end(ExitStatus.success)
  }
}
