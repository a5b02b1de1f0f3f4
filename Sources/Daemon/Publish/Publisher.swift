// SPDX-License-Identifier: Apache-2.0

import CLinux
import Dispatch
import Glibc
import Heartbeat
import Journal
import Liveness
import Multicast
import Platform
import Settings
import Synchronization

/// Sends the heartbeat on every interface that is in use, on an absolute schedule.
actor Publisher {
  /// What the publisher does, apart from where.
  struct Plan: Equatable, Sendable {
    var group: Endpoint
    var interval: Duration
    var options: MulticastSender.Options
    var zone: TimestampZone
  }

  nonisolated let executor = QueueExecutor(label: "mcastd.publish")
  /// Shows that the loop runs.
  nonisolated let pulse = Pulse()
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Where heartbeats leave from on one interface.
  struct SendingPlace: Equatable, Sendable {
    /// The interface's name.
    var interface: String
    /// The address is unspecified where the kernel chooses one.
    var source: Endpoint
  }

  private struct Outlet {
    var interface: NetworkInterface
    var sender: MulticastSender
    var health = SendHealth()
    /// Whether it is sent from already (`sendFromAll`).
    var isOpen: Bool
  }

  private let book: LedgerBook
  private let sent: SentBeats
  private let events: EventLog
  private var plan: Plan
  private var schedule: BeatSchedule
  private var outlets: [UInt32: Outlet] = [:]
  /// Where heartbeats left from before, to leave from there again.
  private var kept: KeptSources
  private var keptHealth = FileHealth()
  private var timer: (any DispatchSourceTimer)?
  /// Where beats cannot be sent, for the status line, which asks without waiting for the loop.
  private nonisolated let failingOutlets = Mutex<[Condition]>([])
  /// Called when that changes.
  private var failingChanged: @Sendable () -> Void = {}
  private var payload = [UInt8](repeating: 0, count: Heartbeat.encodedSize)

  /// - Parameter directory: the runtime directory; nil keeps nothing over a restart.
  init(plan: Plan, book: LedgerBook, sent: SentBeats, events: EventLog, directory: String? = nil) {
    self.plan = plan
    kept = KeptSources(directory: directory, group: plan.group)
    self.book = book
    self.sent = sent
    self.events = events
    schedule = BeatSchedule(start: MonotonicClock.now(), interval: plan.interval.nanoseconds)
  }

  // MARK: The schedule

  /// Sends the first heartbeat now and the others as they fall due.
  func start() {
    let timer = DispatchSource.makeTimerSource(flags: .strict, queue: executor.queue)
    timer.setEventHandler { [unowned self] in assumeIsolated { $0.beat() } }
    self.timer = timer
    schedule = BeatSchedule(start: MonotonicClock.now(), interval: plan.interval.nanoseconds)
    beat()
    timer.activate()
  }

  func stop() {
    timer?.cancel()
    timer = nil
    outlets = [:]
    showFailing()
  }

  /// How much earlier than a beat the timer fires, in nanoseconds: Dispatch wakes one thread by another,
  /// which takes longer than the thread takes that sleeps for the rest. Measured against timerfd in C it
  /// halves the deviation.
  private static let head: Int64 = 300_000

  private func beat() {
    sleep(until: schedule.due)
    sendHeartbeat()
    pulse.beat()
    schedule.advance(now: MonotonicClock.now())
    scheduleNext()
  }

  /// One shot at an absolute time: a repeating timer would count from whenever it last fired.
  private func scheduleNext() {
    timer?.schedule(
      deadline: DispatchTime(uptimeNanoseconds: UInt64(schedule.due - Self.head)), leeway: .nanoseconds(0))
  }

  /// How late the next beat is, in nanoseconds; 0 when it is not due. The watchdog asks: a beat that was
  /// attempted on time counts, whatever came of it, and a long interval never looks like a stall.
  var lateness: Int64 { timer == nil ? 0 : max(0, MonotonicClock.now() - schedule.due) }

  /// Sleeps on this thread for what is left, exactly.
  private func sleep(until due: Int64) {
    guard due > MonotonicClock.now() else { return }
    // Threads come and go: the slack is set on whichever this is.
    clinux_set_timer_slack(1)
    var time = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
  }

  // MARK: Sending

  private func sendHeartbeat() {
    guard !outlets.isEmpty else { return }
    let now = MonotonicClock.wallClock()
    let time = CivilTime(
      secondsSinceEpoch: now / 1_000_000_000, microsecond: Int(now % 1_000_000_000 / 1000), zone: plan.zone)
    payload.withUnsafeMutableBytes { _ = Heartbeat.encode(time, into: $0) }
    sent.willSend(time.microsecondsSinceEpochAsUTC)
    let sentAt = MonotonicClock.now()
    for index in outlets.keys { send(on: index, now: sentAt) }
  }

  private func send(on index: UInt32, now: Int64) {
    guard var outlet = outlets[index], outlet.isOpen else { return }
    let failure = payload.withUnsafeBytes { outlet.sender.send($0) }
    let succeeded = failure == nil
    book.enter { $0.send(succeeded: succeeded) }
    if succeeded { sent.note(now, on: index) }
    let change = outlet.health.note(failure, at: now)
    outlets[index] = outlet
    if let change {
      report(change, on: outlet.interface)
      showFailing()
    }
  }

  nonisolated var failing: [Condition] { failingOutlets.withLock { $0 } }

  func whenFailingChanges(_ body: @escaping @Sendable () -> Void) { failingChanged = body }

  private func showFailing() {
    let failing = outlets.values.compactMap { outlet in
      outlet.health.failingSince.map {
        Condition(kind: .cannotSend, interface: outlet.interface.name, since: $0)
      }
    }.sorted { $0.interface < $1.interface }
    let hasChanged = failingOutlets.withLock { shown in
      defer { shown = failing }
      return shown != failing
    }
    if hasChanged { failingChanged() }
  }

  private func report(_ change: SendHealth.Change, on interface: NetworkInterface) {
    let fields = fields(of: interface)
    switch change {
    case .failing(let errno):
      events.report(
        .sendFailing, .warning,
        "cannot send to \(plan.group) on \(interface.name): \(errnoText(errno)). \(SendAdvice.text(errno)) "
          + "The schedule goes on and every further beat is tried.",
        fields.merging(["ERRNO": "\(errno)"]) { $1 })
    case .recovered(let failures):
      events.report(
        .sendRecovered, .notice,
        "sending to \(plan.group) on \(interface.name) again, after \(failures) "
          + "\(failures == 1 ? "beat" : "beats") that could not be sent",
        fields.merging(["MCAST_FAILED": "\(failures)"]) { $1 })
    }
  }

  private func fields(of interface: NetworkInterface) -> [String: String] {
    [
      "MCAST_GROUP": "\(plan.group.address)", "MCAST_PORT": "\(plan.group.port)",
      "MCAST_INTERFACE": interface.name,
    ]
  }

  // MARK: Changes

  /// Sends from these interfaces and no others. A sender stays for as long as its interface has its address.
  ///
  /// - Parameters:
  ///   - interfaces: with the addresses that can be sent from.
  ///   - atOnce: false to send from new ones only after `sendFromAll`.
  /// - Returns: what was refused, by interface.
  @discardableResult
  func use(_ interfaces: [NetworkInterface], atOnce: Bool = true) -> [UInt32: MulticastError] {
    let wanted = Set(interfaces.map(\.index))
    for index in outlets.keys where !wanted.contains(index) { outlets[index] = nil }
    defer {
      showFailing()
      keepSources()
    }
    var refused: [UInt32: MulticastError] = [:]
    for interface in interfaces {
      let old = outlets[interface.index]
      if let old, old.sender.canStay(on: interface) {
        outlets[interface.index]?.interface = interface
        kept.note(old.sender.source, on: interface.name)
        continue
      }
      do {
        let former = kept[interface.name]
        let sender = try MulticastSender(
          group: plan.group, interface: interface, options: plan.options, preferring: former)
        outlets[interface.index] = Outlet(
          interface: interface, sender: sender, health: old?.health ?? SendHealth(), isOpen: atOnce)
        if let former, former != sender.source { report(sender.source, after: former, on: interface) }
        kept.note(sender.source, on: interface.name)
      } catch {
        outlets[interface.index] = nil
        refused[interface.index] = error
      }
    }
    return refused
  }

  /// Leaves the addresses for the next process; does nothing where that is done.
  private func keepSources() {
    var failure: FileFailure?
    do throws(FileFailure) { try kept.write() } catch { failure = error }
    events.report(
      keptHealth.note(failure), files: "source addresses",
      consequence: "After a restart heartbeats may leave from another address.")
  }

  /// To peers this host is another one from now on.
  private func report(_ source: IPAddress, after former: IPAddress, on interface: NetworkInterface) {
    events.report(
      .interfaceJoined, .notice,
      "sending to \(plan.group) on \(interface.name) from \(source): \(former) is not there any more. Peers "
        + "take it for another host.", fields(of: interface))
  }

  /// Sends from the new interfaces as well: whoever must know them (`places`) does.
  func sendFromAll() {
    for index in outlets.keys { outlets[index]?.isOpen = true }
  }

  /// Takes a new plan while running: another group opens new senders on the same interfaces, another interval
  /// begins a new schedule now.
  func apply(_ plan: Plan) {
    let old = self.plan
    self.plan = plan
    if plan.group != old.group {
      let interfaces = outlets.values.map(\.interface)
      outlets = [:]
      kept = kept.emptied(for: plan.group)
      use(interfaces)
    } else if plan.options != old.options {
      for outlet in outlets.values {
        do {
          try outlet.sender.set(plan.options)
        } catch {
          events.report(
            .sendFailing, .warning,
            "ttl or loopback could not be changed on \(outlet.interface.name): \(error)")
        }
      }
    }
    if plan.interval != old.interval, timer != nil {
      let interval = plan.interval.nanoseconds
      schedule = BeatSchedule(start: MonotonicClock.now() + interval, interval: interval)
      scheduleNext()
    }
  }

  /// Where heartbeats leave from.
  var places: [SendingPlace] {
    outlets.values.map { outlet in
      SendingPlace(
        interface: outlet.interface.name,
        source: Endpoint(outlet.sender.source, port: outlet.sender.sourcePort))
    }
  }

  /// The address that heartbeats leave from, by interface index.
  var sources: [UInt32: IPAddress] { outlets.mapValues(\.sender.source) }
}
