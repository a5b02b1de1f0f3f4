// SPDX-License-Identifier: Apache-2.0

import CLinux
import Control
import Dispatch
import Glibc
import Journal
import Monitor
import Multicast
import Platform
import Settings
import Systemd
import Varlink

extension Daemon {
  /// Runs the daemon until SIGTERM or SIGINT. Call from the main thread before any other thread exists.
  ///
  /// - Parameters:
  ///   - sources: Sources of the configuration, at the start and at each reload.
  ///   - control: The path of the control socket; nil for the one in $RUNTIME_DIRECTORY, if that is set.
  /// - Returns: the exit status.
  package static func run(sources: SettingsSources, control: String?) -> Int32 {
    Signals.service.block()
    Signals.ignoreBrokenPipes()
    Self.giveBackMemory()
    guard Self.hasFreeDescriptors(Self.neededDescriptors) else {
      return refuse(
        [
          "cannot start: fewer than \(Self.neededDescriptors) file descriptors are free. Raise "
            + "LimitNOFILE= in the unit, or `ulimit -n`."
        ], ExitStatus.systemRefused)
    }
    let settings: Settings
    let handedOver: [StoredDescriptor]
    let loop: EventLoop
    let daemon: Daemon
    let directory = ControlSocket.runtimeDirectory()
    do {
      settings = try Settings.load(sources)
      handedOver = try DescriptorStore.receive()
      loop = try EventLoop()
      daemon = Daemon(
        on: loop, sources: sources, settings: settings, keys: try settings.keys(),
        destination: try LogDestination.detect(),
        directory: directory,
        isGapless: StoredReceiver.isKept(in: handedOver, for: settings))
    } catch let error as SettingsError {
      return refuse(
        error.lines.map { "cannot start, the configuration is refused: \($0)" }, ExitStatus.configuration)
    } catch {
      return refuse(["cannot start: \(error)"], ExitStatus.systemRefused)
    }
    let path = control ?? directory.map(ControlSocket.path(in:))
    Task(executorPreference: daemon.executor) {
      // Reloads and changes of interfaces wait for the start.
      let status = await daemon.changes.run { await daemon.start(handedOver: handedOver, control: path) }
      if status != ExitStatus.success { loop.end(status) }
    }
    return loop.run()
  }

  /// Returns large blocks to the system when they are freed. A reply with thousands of peers takes several
  /// megabytes, which malloc would keep, since it raises the threshold dynamically (mallopt(3),
  /// M_MMAP_THRESHOLD).
  private static func giveBackMemory() {
    mallopt(M_MMAP_THRESHOLD, 65_536)
    mallopt(M_TRIM_THRESHOLD, 131_072)
  }

  /// File descriptors: 23 for sockets, timers, signals and the system bus, the rest for a few callers.
  /// Without a free one Dispatch crashes with SIGILL.
  private static let neededDescriptors = 35

  private static func hasFreeDescriptors(_ count: Int) -> Bool {
    var taken: [Descriptor] = []
    while taken.count < count {
      guard let opened = try? OwnedDescriptor(opening: "/", O_RDONLY | O_DIRECTORY) else { return false }
      taken.append(Descriptor(opened))
    }
    return true
  }

  /// Reports why the daemon cannot start, in the journal or on standard error.
  ///
  /// - Parameter texts: One for each reason.
  private static func refuse(_ texts: [String], _ status: Int32) -> Int32 {
    let records = texts.compactMap {
      EventCatalogue.entry(of: .service(.startFailed(reason: $0))).map { LogRecord($0) }
    }
    var journal: JournalSocket?
    if JournalStream.standardErrorIsJournal() { journal = try? JournalSocket() }
    for record in records {
      let entry = record.journalEntry
      if let socket = journal, entry.withUnsafeBytes({ socket.send($0) }) == .all { continue }
      journal = nil
      Console.printError("\(record.consoleLine)")
    }
    journal?.settle(within: .milliseconds(500))
    return status
  }

  /// - Returns: The exit status; other than success when the daemon cannot run.
  private func start(handedOver: [StoredDescriptor], control: String?) async -> Int32 {
    installSignals()
    await showChangesAtOnce()
    for warning in settings.warnings {
      events.report(.service(.settingUnknown(warning: "\(warning)")))
    }
    do throws(MulticastError) {
      // Before the first reconciliation, so that no change in between is missed.
      try trigger.subscribe(on: executor.queue) { [weak self] in
        self?.assumeIsolated { $0.trigger.request() }
      }
      if settings.subscribe.enabled { try await openReceiver(handedOver) }
      let refusals = await reconcileNow()
      if let refusal = refusals.first(where: { !$0.isMissingInterface }) { throw refusal }
      trigger.activate()
    } catch {
      let advice = error.startAdvice(settings.subscribe.group.family)
      return await giveUp("cannot start: \(error). \(advice)")
    }
    if let control {
      do throws(VarlinkServerError) {
        try await openControl(at: control)
      } catch {
        return await giveUp("cannot open the control socket: \(error)")
      }
    }
    await readings.start()
    await followReadings()
    // The first heartbeat is attempted before READY=1.
    if settings.publish.enabled, !service.isStopping { await publisher.start() }
    // After the first heartbeat, for it waits for systemd's word on which states are entered.
    if !service.isStopping { await followRules(isStart: true) }
    await subscriber.tick()
    await becomeReady()
    await followMetrics()
    return ExitStatus.success
  }

  private func openReceiver(_ handedOver: [StoredDescriptor]) async throws(MulticastError) {
    if let adopted = stored.adopt(handedOver, for: settings) {
      await subscriber.use(GroupSubscription(adopted, sources: settings.sources, isAdopted: true))
      return
    }
    let receiver = try MulticastReceiver(
      group: settings.subscribe.endpoint, receiveBuffer: settings.receiveBuffer)
    stored.keep(receiver.descriptor, for: settings)
    reportClamping(receiver.grantedReceiveBuffer)
    await subscriber.use(GroupSubscription(receiver, sources: settings.sources))
  }

  private func giveUp(_ text: String) async -> Int32 {
    events.report(.service(.startFailed(reason: text)))
    _ = await writer.finish(within: .seconds(1))
    await writer.settle(within: .milliseconds(500))
    return ExitStatus.systemRefused
  }
}
