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

  func becomeReady() async {
    guard !service.isStopping else { return }
    let status = statusLine
    service.ready(status)
    events.report(.service(.started(status: status, group: group)))
    startPulse()
    write(await subscriber.dueCheckpoint(after: Self.shortestInterval))
  }

  // MARK: The pulse

  /// Period of STATUS= and, where something changed, of the checkpoint for the next process, in nanoseconds.
  private static let statusInterval: Int64 = 10_000_000_000
  /// What is due at a pulse that comes that much after the last; pulses come up to a tenth early.
  private static let shortestInterval = statusInterval / 10 * 9

  /// Begins the pulse: what comes again and again on this queue is started by the loop, where that is awake
  /// anyway. WATCHDOG=1 is sent with it, so that either of the two that hangs is enough to be restarted. The
  /// journal writer is no part of it: a stalled journal is no reason to restart.
  private func startPulse() {
    let limit = watchdogLimit
    // No later than at half of the limit, as sd_watchdog_enabled(3) has it.
    let period = min(limit.map { $0 / 2 } ?? .max, Self.statusInterval)
    pulse = LoopTimer(on: loop, every: period / 10 * 9, leeway: period / 10) { [weak self] in
      guard let self else { return }
      let isOnTime = publisher.assumeIsolated { $0.lateness } < (limit ?? .max) / 4
      let checkpoint = subscriber.assumeIsolated { $0.dueCheckpoint(after: Self.shortestInterval) }
      executor.queue.async {
        self.assumeIsolated { daemon in
          if limit != nil, isOnTime { daemon.service.isAlive() }
          daemon.updateStatusAtIntervals()
          daemon.write(checkpoint)
        }
      }
    }
  }

  private func updateStatusAtIntervals() {
    let now = Clocks.monotonic()
    guard now - lastStatusTime >= Self.shortestInterval else { return }
    lastStatusTime = now
    updateStatus()
    states.executor.queue.async { [states] in states.assumeIsolated { $0.compareFiles() } }
  }

  /// In case the process ends without a shutdown.
  ///
  /// - Parameter checkpoint: Nil where an earlier one will do.
  private func write(_ checkpoint: PeerCheckpoint?) {
    guard let checkpoint else { return }
    Task(executorPreference: executor) { await self.writeUnlessStopping(checkpoint) }
  }

  /// When stopping the last one was written, or will be.
  private func writeUnlessStopping(_ checkpoint: PeerCheckpoint) async {
    if !service.isStopping { await checkpoints?.write(checkpoint) }
  }

  /// WATCHDOG_USEC in nanoseconds; nil where the service manager has no watchdog for us.
  private var watchdogLimit: Int64? {
    do throws(SystemdError) {
      return try Watchdog.interval()?.nanoseconds
    } catch {
      events.debug("\(error)")
      return nil
    }
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

  /// Updates STATUS= within a second of a change of conditions or peers, reconciles after a lost membership,
  /// and has the next process know at once of a state that was entered or left: a daemon that crashes again
  /// and again flips it no more often than `flip-limit` allows.
  func showChangesAtOnce() async {
    let show: @Sendable () -> Void = { [weak self, executor] in
      Task(executorPreference: executor) { await self?.updateStatus() }
    }
    let reconcile: @Sendable () -> Void = { [weak self, executor] in
      Task(executorPreference: executor) { await self?.requestReconciliation() }
    }
    let keep: @Sendable () -> Void = { [weak self, executor] in
      Task(executorPreference: executor) { await self?.keepStates() }
    }
    await subscriber.onChange(membershipLost: reconcile, states: keep, peers: show)
    await publisher.whenFailingChanges(show)
  }

  private func keepStates() async {
    guard let checkpoint = await subscriber.dueCheckpoint(after: 0) else { return }
    await writeUnlessStopping(checkpoint)
  }

  /// Sends STATUS= if the line has changed.
  func updateStatus() { service.show(statusLine) }

  // MARK: Shutdown

  /// Limit on draining the queue into the journal.
  private static let drainTime = Duration.seconds(5)
  /// Nanoseconds after which a stop that still goes on asks for more time than TimeoutStopSec= of the unit,
  /// and for how much.
  private static let usualStop: Int64 = 1_000_000_000
  private static let longestStop = Duration.seconds(10)

  private func stop(_ signal: Int32) async {
    guard !service.isStopping else { return }
    service.stopping()
    stopTimer = DeadlineTimer(queue: executor.queue) { [weak self] in
      self?.assumeIsolated { $0.service.extendStop(to: Self.longestStop) }
    }
    stopTimer?.set(Clocks.monotonic() + Self.usualStop)
    pulse = nil
    trigger.cancel()
    await files?.stop()
    await metrics?.stop()
    await publisher.stop()
    await subscriber.tick()
    await subscriber.stop()
    await checkpoints?.write(await subscriber.lastCheckpoint())
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
    loop.end(ExitStatus.success)
  }
}
