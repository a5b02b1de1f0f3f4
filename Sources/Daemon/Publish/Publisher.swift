// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Journal
import Liveness
import Monitor
import Multicast
import Platform
import Synchronization

/// The send loop: a heartbeat on every interface in use, on an absolute schedule.
actor Publisher {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// The sender of one interface.
  private struct Outlet {
    var sender: MulticastSender
    var health = SendHealth()
  }

  /// What a beat takes of an outlet.
  private struct Place {
    let interface: NetworkInterface
    let sender: MulticastSender
    /// By which its heartbeats are numbered.
    let number: Int
    /// Whether sends failed when this was set.
    let isFailing: Bool
    /// Of the last send: errno.
    var failure: Int32?
  }

  /// State for other queues, readable without waiting for the loop.
  private struct Shared: Sendable {
    /// Interfaces on which sends fail.
    var failing: [Condition] = []
    /// The names of the interfaces that are sent on, sorted.
    var interfaces: [String] = []
    /// The addresses that heartbeats leave from, by interface index.
    var sources: [UInt32: IPAddress] = [:]
  }

  private let ledger: SharedLedger
  private let sent: SentTimes
  private let events: EventReporter
  private var plan: Plan
  private var clock: WallClock
  private var schedule: BeatSchedule
  private var outlets = ActiveInterfaces<Outlet>()
  /// The senders of `outlets` as a beat takes them, set by `show`. A plain array: what is generic in another
  /// module is not specialised, and cost 10 µs between the timestamp and the kernel.
  private var senders: [Place] = []
  /// Addresses and ports of our heartbeats, by which the receive loop recognises them.
  private let places: SendingPlaces
  /// Source addresses of the previous process, preferred for new senders.
  private var checkpoint: SourceCheckpoint
  private var checkpointHealth = FileHealth()
  private var timer: LoopTimer?
  private nonisolated let shared = Mutex(Shared())
  /// Called when `failing` changes.
  private var failingChanged: @Sendable () -> Void = {}
  /// Called before a regular heartbeat is sent.
  private var willBeat: @Sendable () -> Void = {}
  private var writer: BeatWriter

  /// - Parameter directory: the runtime directory; nil keeps nothing over a restart.
  init(
    on loop: EventLoop, plan: Plan, ledger: SharedLedger, sent: SentTimes, places: SendingPlaces,
    events: EventReporter, directory: String?
  ) {
    self.loop = loop
    self.plan = plan
    clock = WallClock(zone: plan.zone)
    self.places = places
    checkpoint = SourceCheckpoint(directory: directory, group: plan.group)
    self.ledger = ledger
    self.sent = sent
    self.events = events
    schedule = BeatSchedule(start: Clocks.monotonic(), interval: plan.interval.nanoseconds)
    writer = BeatWriter(
      BeatNumbers(
        directory: directory, realtime: Clocks.realtime(), monotonic: Clocks.monotonic()))
    writer.seal = plan.seal
  }

  // MARK: The schedule

  /// Sends the first heartbeat now and the others as they fall due.
  func start() {
    timer = LoopTimer(on: loop) { [unowned self] in assumeIsolated { $0.beat() } }
    schedule = BeatSchedule(start: Clocks.monotonic(), interval: plan.interval.nanoseconds)
    beat()
  }

  /// Says goodbye and closes the senders.
  func stop() async {
    let wasSending = timer != nil
    timer = nil
    if wasSending { await sayGoodbye() }
    outlets = ActiveInterfaces()
    show()
  }

  private func beat() {
    willBeat()
    sendHeartbeat()
    let now = Clocks.monotonic()
    schedule.advance(now: now)
    timer?.set(schedule.due)
    clock.prepare(realtime: Clocks.realtime() + schedule.due - now)
  }

  /// Lateness of the next beat in nanoseconds, 0 before it is due. For the watchdog: an attempt on time
  /// counts even if it failed, and a long interval never looks like a stall.
  var lateness: Int64 { timer == nil ? 0 : max(0, Clocks.monotonic() - schedule.due) }

  // MARK: Sending

  private func sendHeartbeat(isGoodbye: Bool = false) {
    guard !senders.isEmpty else { return }
    let realtime = Clocks.realtime()
    let time = clock.read(realtime: realtime)
    sent.willSend(time.microsecondsSinceEpochAsUTC)
    let sentAt = Clocks.monotonic()
    writer.numbers.followClock(realtime: realtime, monotonic: sentAt)
    // What else there is to do waits until all have left.
    for index in senders.indices {
      // Plain ones are all the same.
      if index == 0 || plan.name != nil {
        writer.write(time, plan, clock, number: senders[index].number, isGoodbye: isGoodbye)
      }
      senders[index].failure = senders[index].sender.send(writer.bytes)
    }
    var hasChanged = false
    for place in senders {
      let (interface, failure) = (place.interface, place.failure)
      ledger.update { $0.send(succeeded: failure == nil) }
      if failure == nil {
        writer.numbers.noteSent(at: place.number)
        sent.note(sentAt, on: interface.index)
      }
      guard failure != nil || place.isFailing else { continue }
      if let change = outlets.update(interface.index, { $0.health.note(failure, at: sentAt) }) ?? nil {
        report(change, on: interface)
        hasChanged = true
      }
    }
    if hasChanged { show() }
  }

  /// Says other readings from the next heartbeat on.
  func say(_ readings: ReadingWords) { writer.say(readings) }

  /// How many bytes readings may have in each heartbeat, and of which runs they are.
  var roomForReadings: Int { writer.roomForReadings(plan) }
  var runs: [UInt64] { writer.numbers.runs }

  /// Sends a heartbeat between two that are due, while there are any.
  func sendChange() { if timer != nil { sendHeartbeat() } }

  /// Tells the group twice that what is sent now ends, for one heartbeat may be lost.
  private func sayGoodbye() async {
    guard plan.saysGoodbye, !senders.isEmpty else { return }
    sendHeartbeat(isGoodbye: true)
    await loop.pause(Self.betweenGoodbyes)
    sendHeartbeat(isGoodbye: true)
  }

  /// In nanoseconds.
  private static let betweenGoodbyes: Int64 = 20_000_000

  nonisolated var failing: [Condition] { shared.withLock { $0.failing } }

  /// The names of the interfaces that are sent on, sorted.
  nonisolated var interfaces: [String] { shared.withLock { $0.interfaces } }

  /// The addresses that heartbeats leave from, by interface index.
  nonisolated var sources: [UInt32: IPAddress] { shared.withLock { $0.sources } }

  func whenFailingChanges(_ body: @escaping @Sendable () -> Void) { failingChanged = body }

  /// What changes in the call goes with the heartbeat.
  func beforeBeats(_ body: @escaping @Sendable () -> Void) { willBeat = body }

  /// Publishes source addresses and failing interfaces to other queues.
  private func show() {
    senders = outlets.map {
      Place(
        interface: $0, sender: $1.sender, number: writer.numbers.place(of: $0.name),
        isFailing: $1.health.failingSince != nil)
    }
    places.set(
      outlets.map { interface, outlet in
        SendingPlace(
          interface: interface.name, source: Endpoint(outlet.sender.source, port: outlet.sender.sourcePort))
      })
    let new = Shared(
      failing: outlets.map { interface, outlet in
        outlet.health.failingSince.map { Condition(kind: .cannotSend, interface: interface.name, since: $0) }
      }.compactMap { $0 }.sorted { $0.interface < $1.interface },
      interfaces: outlets.interfaces.map(\.name).sorted(),
      sources: Dictionary(outlets.map { ($0.index, $1.sender.source) }) { first, _ in first })
    let hasChanged = shared.withLock { shared in
      defer { shared = new }
      return shared.failing != new.failing
    }
    if hasChanged { failingChanged() }
  }

  private func report(_ change: SendingEvent, on interface: NetworkInterface) {
    events.report(.sending(change, group: plan.group, interface: interface.name))
  }

  // MARK: Changes

  /// Sends on the interfaces of a plan and on no other. A sender is kept while its interface has its address.
  ///
  /// - Parameter wanted: With the addresses that are usable as source.
  @discardableResult
  func follow(_ wanted: [NetworkInterface]) -> InterfaceOutcome {
    var changes = outlets.want(wanted).compactMap { leave($0) }
    changes += wanted.compactMap { open(on: $0) }
    // Before the first send, or the receive loop would take our heartbeat for a peer's.
    show()
    saveSources()
    return InterfaceOutcome(changes: changes, retryTime: outlets.retryTime(now: Clocks.monotonic()))
  }

  /// Closes the sender of an interface that is no longer wanted, or is gone.
  private func leave(_ index: UInt32) -> InterfaceChange? {
    if plan.saysGoodbye, timer != nil, let place = senders.first(where: { $0.interface.index == index }) {
      let time = clock.read(realtime: Clocks.realtime())
      sent.willSend(time.microsecondsSinceEpochAsUTC)
      writer.write(time, plan, clock, number: place.number, isGoodbye: true)
      // Where the interface is gone there is nobody to be told.
      if place.sender.send(writer.bytes) == nil {
        writer.numbers.noteSent(at: place.number)
        ledger.update { $0.send(succeeded: true) }
      }
    }
    return outlets.ended(index)
  }

  /// - Parameter isAnew: Whether to replace an existing sender.
  private func open(on interface: NetworkInterface, isAnew: Bool = false) -> InterfaceChange? {
    let old = outlets[interface.index]
    if let old, !isAnew, old.sender.canStay(on: interface) {
      checkpoint.note(old.sender.source, on: interface.name)
      return outlets.began(interface, old)
    }
    do throws(MulticastError) {
      let former = checkpoint[interface.name]
      let sender = try MulticastSender(
        group: plan.group, interface: interface, options: plan.options, preferring: former)
      if let former, former != sender.source { report(sender.source, after: former, on: interface) }
      checkpoint.note(sender.source, on: interface.name)
      return outlets.began(interface, Outlet(sender: sender, health: old?.health ?? SendHealth()))
    } catch {
      return outlets.refused(interface, error)
    }
  }

  /// Saves the source addresses for the next process, if they changed.
  private func saveSources() {
    events.report(
      checkpointHealth.note(.of { () throws(FileFailure) in try checkpoint.write() }),
      files: "source addresses",
      consequence: "After a restart heartbeats may leave from another address.")
  }

  /// Reports a changed source address: peers take it for a new host.
  private func report(_ source: IPAddress, after former: IPAddress, on interface: NetworkInterface) {
    events.report(
      .interface(.sourceChanged(interface.name, from: former, to: source), group: plan.group))
  }

  /// Changes the group or the options of sending. Where they are refused sending stops; the next `follow`
  /// retries and reports the refusal.
  func retarget(_ group: Endpoint, _ options: MulticastSender.Options) async {
    if group != plan.group, timer != nil { await sayGoodbye() }
    let old = plan
    (plan.group, plan.options) = (group, options)
    writer.seal = plan.seal
    guard group == old.group else {
      checkpoint = checkpoint.emptied(for: group)
      return reopen(outlets.interfaces)
    }
    guard options != old.options else { return }
    var refused: [NetworkInterface] = []
    outlets.updateEach { interface, outlet in
      do throws(MulticastError) {
        try outlet.sender.set(options)
      } catch {
        events.debug("\(error)")
        refused.append(interface)
      }
    }
    if !refused.isEmpty { reopen(refused) }
  }

  private func reopen(_ interfaces: [NetworkInterface]) {
    for interface in interfaces {
      if case .refused = open(on: interface, isAnew: true) { outlets.forgetRefusal(of: interface) }
    }
    show()
    saveSources()
  }

  /// Starts a new schedule with this interval, if it differs.
  func reschedule(_ interval: Duration) {
    guard interval != plan.interval else { return }
    plan.interval = interval
    guard let timer else { return }
    let interval = interval.nanoseconds
    schedule = BeatSchedule(start: Clocks.monotonic() + interval, interval: interval)
    timer.set(schedule.due)
  }

  /// Says goodbye under the name before, if that changes.
  func setName(_ name: HostName?, saysGoodbye: Bool) async {
    if name != plan.name, timer != nil { await sayGoodbye() }
    (plan.name, plan.saysGoodbye) = (name, saysGoodbye)
    writer.seal = plan.seal
  }

  /// Seals heartbeats with these keys from the next on; nil for none.
  func setKeys(_ keys: KeyRing?) {
    plan.keys = keys
    writer.seal = plan.seal
  }

  func setZone(_ zone: TimestampZone) {
    plan.zone = zone
    clock = WallClock(zone: zone)
  }
}
