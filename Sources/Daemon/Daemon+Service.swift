// SPDX-License-Identifier: Apache-2.0

import Dispatch
import EventLoop
import Glibc
import Logging
import Settings
import Systemd

/// What systemd sees of the daemon: readiness, status, watchdog, signals, the end.
extension Daemon {
  func installSignals() {
    signals = Signals.sources(on: executor.queue) { [weak self] signal in
      guard let self else { return }
      Task { signal == SIGHUP ? await self.reloadOnSignal() : await self.stop(signal) }
    }
  }

  func becomeReady() {
    isReady = true
    let status = statusLine
    lastStatus = status
    tell { try notifier.ready(status: status) }
    events.report(
      .started, .notice, "mcastd \(Version.current) started: \(status)",
      eventFields.merging(["MCAST_VERSION": Version.current]) { $1 })
    every(.seconds(1)) { await $0.tick() }
    every(.seconds(10)) {
      await $0.updateStatus()
      await $0.keepPeers()
    }
    startWatchdog()
  }

  private func every(_ interval: Duration, _ action: @escaping @Sendable (Daemon) async -> Void) {
    let timer = DispatchSource.makeTimerSource(queue: executor.queue)
    let nanoseconds = DispatchTimeInterval.nanoseconds(Int(interval.nanoseconds))
    timer.schedule(deadline: .now() + nanoseconds, repeating: nanoseconds, leeway: .milliseconds(50))
    timer.setEventHandler { [weak self] in
      guard let self else { return }
      Task { await action(self) }
    }
    timer.activate()
    timers.append(timer)
  }

  /// Once a second: the loops look after their slow business.
  private func tick() async {
    await refreshReceived()
  }

  /// Brings the ledger up to date with the kernel's drop count, and keeps it for an heir.
  func refreshReceived() async {
    peerCounts = await subscriber.peerCounts
    guard let drops = await subscriber.second() else { return }
    baseline.write(cookie: drops.cookie, drops: drops.count)
  }

  /// Leaves the peers for an heir, in case there is no orderly end.
  private func keepPeers() async {
    guard let directory else { return }
    let kept = await subscriber.keptPeers(isComplete: false)
    // Encoding thousands of peers takes a while: on no loop of ours.
    Task.detached(priority: .utility) { kept.write(directory: directory) }
  }

  // MARK: STATUS=

  var statusLine: String {
    StatusLine(
      settings: settings, receiving: receiving.names, sending: sending.names, waitingFor: waitingFor,
      ledger: book.reading, peers: settings.subscribe.enabled ? peerCounts : nil
    ).text
  }

  /// Tells systemd, if the line has changed.
  func updateStatus() {
    let status = statusLine
    guard isReady, !isStopping, status != lastStatus else { return }
    lastStatus = status
    tell { try notifier.status(status) }
  }

  /// Notifications are best effort: without systemd there is nobody to tell, and a failure must not stop the work.
  func tell(_ notification: () throws -> Void) {
    do {
      try notification()
    } catch {
      events.debug("\(error)")
    }
  }

  // MARK: WATCHDOG=

  private func startWatchdog() {
    let interval: Duration?
    do throws(SystemdError) {
      interval = try Watchdog.interval()
    } catch {
      events.debug("\(error)")
      return
    }
    guard let limit = interval?.nanoseconds else { return }
    let quarter = limit / 4
    let publisher = publisher
    let isOnTime: @Sendable () -> Bool = { publisher.assumeIsolated { $0.lateness } < quarter }
    let watch = LoopWatch([
      LoopWatch.Loop(queue: subscriber.executor.queue, isWell: { true }),
      LoopWatch.Loop(queue: publisher.executor.queue, isWell: isOnTime),
    ])
    every(.nanoseconds(limit / 16)) { daemon in
      if watch.allAnswered(within: quarter) { await daemon.feedWatchdog() }
      watch.ask()
    }
    watch.ask()
  }

  private func feedWatchdog() {
    tell { try notifier.watchdog() }
  }

  // MARK: The end

  /// How long the queue may drain into the journal.
  private static let drainTime = Duration.seconds(5)

  private func stop(_ signal: Int32) async {
    guard !isStopping else { return }
    isStopping = true
    tell { try notifier.stopping(status: "stopping") }
    for timer in timers { timer.cancel() }
    monitor?.cancel()
    await publisher.stop()
    await subscriber.stop()
    await refreshReceived()
    await closeControl()
    await subscriber.keptPeers(isComplete: true).write(directory: directory)
    let given = await writer.finish(within: Self.drainTime)
    await subscriber.tellWithheld(isFinal: true)
    let ledger = book.reading
    var fields = ["MCAST_SIGNAL": signal == SIGINT ? "SIGINT" : "SIGTERM"]
    for count in ledger.counts { fields["MCAST_LEDGER_\(count.name)"] = "\(count.value)" }
    let loss =
      given == 0
      ? "" : " The journal did not take \(given) entries within \(Self.drainTime); they are summarised."
    events.report(.stopping, .notice, "stopping: \(ledger).\(loss)", fields)
    _ = await writer.finish(within: .seconds(1))
    await writer.settle(within: .milliseconds(500))
    finished.signal()
  }
}

extension Settings.LogLevel {
  var loggerLevel: Logger.Level {
    switch self {
    case .error: .error
    case .warning: .warning
    case .notice: .notice
    case .info: .info
    case .debug: .debug
    }
  }
}
