// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Heartbeat
import Journal
import Liveness
import Multicast
import Platform
import Settings
import Synchronization

/// The receive loop: reads the group's socket into `ReceivePipeline`, applies changes of memberships, and
/// runs the housekeeping tick.
actor Subscriber {
  nonisolated let executor = QueueExecutor(label: "mcastd.subscribe")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  let ledger: SharedLedger
  let sent: SentTimes
  let events: EventLog
  var pipeline: ReceivePipeline
  private(set) var subscription: GroupSubscription?
  private var source: (any DispatchSourceRead)?
  /// Whether `source` has been activated.
  private var isReading = false
  private var loop = ReceiveLoop(receiveBuffer: 0)
  /// The names of interfaces whose peers are kept while the interface is absent; nil for all.
  private var awaited: Set<String>?
  private var expectsOwn = false
  /// Called when a wanted membership was lost.
  private var membershipLost: @Sendable () -> Void = {}
  // Housekeeping: `Subscriber+Housekeeping.swift`.
  var drops: DropAccounting
  var housekeeping: (any DispatchSourceTimer)?
  var judgement: (any DispatchSourceTimer)?
  var judgementDue: Int64 = 0
  /// State for other queues, readable without waiting for the loop.
  nonisolated let shared = Mutex(Shared())
  /// Called when the summary of peers changed, at most about once a second.
  var summaryChanged: @Sendable () -> Void = {}
  /// Progress of the loop, for the watchdog.
  nonisolated let progress = ProgressMark()
  var lastTick = Clocks.monotonic()
  var limiter = EventRateLimiter()

  /// - Parameter directory: the runtime directory; nil keeps nothing over a restart.
  init(
    ledger: SharedLedger, sent: SentTimes, pipeline: sending ReceivePipeline, events: EventLog,
    directory: String?
  ) {
    self.ledger = ledger
    self.sent = sent
    self.pipeline = pipeline
    self.events = events
    drops = DropAccounting(directory: directory)
  }

  var receiver: MulticastReceiver? { subscription?.receiver }

  // MARK: Opening and changing

  /// Replaces the subscription. Reading starts at the next `follow`: a socket kept over a restart has
  /// datagrams queued, and until the interfaces are known they would count as foreign.
  ///
  /// Drops of such a socket are counted from where the previous process left off.
  func use(_ subscription: sending GroupSubscription) {
    // Datagrams queued in the old socket are still ours to log.
    if let old = receiver {
      while readBatch(old, now: Clocks.monotonic()) > 0 {}
      if old.group != subscription.receiver.group { pipeline.peers.forgetAll() }
    }
    close()
    self.subscription = subscription
    let receiver = subscription.receiver
    drops.begin(receiver)
    loop = ReceiveLoop(receiveBuffer: receiver.grantedReceiveBuffer)
    let source = DispatchSource.makeReadSource(fileDescriptor: receiver.descriptor, queue: executor.queue)
    source.setEventHandler { [unowned self] in assumeIsolated { $0.readable() } }
    // Cancellation is asynchronous: the descriptor must stay open until it completes.
    source.setCancelHandler { withExtendedLifetime(receiver) {} }
    self.source = source
    isReading = false
  }

  /// Joins the group on the interfaces of a plan and leaves it on all others.
  ///
  /// - Parameter expectsOwn: Whether our own heartbeats should be received where we both send and receive.
  func follow(_ plan: InterfacePlan, expectsOwn: Bool) -> InterfaceOutcome {
    guard let subscription else { return InterfaceOutcome() }
    let changes = subscription.follow(plan.usable)
    (awaited, self.expectsOwn) = (plan.names, expectsOwn)
    showMemberships()
    if !isReading {
      isReading = true
      source?.activate()
      if housekeeping == nil { startHousekeeping() }
    }
    return InterfaceOutcome(
      changes: changes, retryTime: subscription.retryTime(now: Clocks.monotonic()))
  }

  /// Publishes the memberships to the receive pipeline and to other queues.
  func showMemberships() {
    let interfaces = subscription?.interfaces ?? []
    pipeline.listen(
      on: interfaces, withoutCarrier: subscription?.withoutCarrier ?? [], awaited: awaited,
      expectsOwn: expectsOwn, now: Clocks.monotonic())
    let memberships = interfaces.map { Membership(interface: $0.name, interfaceIndex: $0.index) }
      .sorted { $0.interface < $1.interface }
    shared.withLock { $0.memberships = memberships }
  }

  func whenMembershipIsLost(_ body: @escaping @Sendable () -> Void) { membershipLost = body }

  /// As `GroupSubscription.setSources`; must be followed by `follow`.
  func setSources(_ sources: [IPAddress]) { subscription?.setSources(sources) }

  /// - Parameter bytes: Requested size (SO_RCVBUF).
  /// - Returns: Bytes granted by the kernel; nil without a subscription.
  func setReceiveBuffer(_ bytes: Int) -> Int? {
    guard let receiver else { return nil }
    do throws(MulticastError) { try receiver.setReceiveBuffer(bytes) } catch { events.debug("\(error)") }
    loop = ReceiveLoop(receiveBuffer: receiver.grantedReceiveBuffer)
    return receiver.grantedReceiveBuffer
  }

  /// Applies the settings of logging and peers.
  func apply(_ settings: Settings) {
    pipeline.log.apply(LogPolicy(settings.log), group: settings.subscribe.endpoint)
    pipeline.peers.apply(
      capacity: settings.peersMax, expected: settings.peersExpected, interval: settings.interval.nanoseconds,
      sources: settings.sources, zone: settings.timestamp)
    if !settings.subscribe.enabled { pipeline.peers.forgetAll() }
  }

  /// Calls `body` with the socket's descriptor, if there is one.
  func withDescriptor(_ body: @Sendable (Int32) -> Void) {
    if let receiver { body(receiver.descriptor) }
  }

  /// Leaves the group everywhere and drops the subscription.
  func close() {
    // Before the group changes, since summaries name it.
    reportSuppressed(isFinal: true)
    stop()
    subscription?.leaveAll()
    subscription = nil
    awaited = nil
    showMemberships()
  }

  /// Stops reading. The socket stays open until the process ends, so that the next process can read what is
  /// queued.
  func stop() {
    for timer in [judgement, housekeeping] { timer?.cancel() }
    (judgement, housekeeping, judgementDue) = (nil, nil, 0)
    source?.cancel()
    // Dispatch traps when a source that was never activated is released.
    if !isReading { source?.activate() }
    source = nil
  }

  // MARK: The loop

  private func readable() {
    progress.touch()
    defer { if isTickDue(Clocks.monotonic()) { tick() } }
    guard let receiver else { return }
    _ = loop.turn { readBatch(receiver, now: $0) }
  }

  /// Reads what is queued before a judgement, so that no peer is late for a heartbeat that waits in the
  /// socket.
  func catchUp() {
    guard let receiver, isReading else { return }
    _ = ReceiveLoop.drain(now: Clocks.monotonic()) { readBatch(receiver, now: $0) }
  }

  private func readBatch(_ receiver: MulticastReceiver, now: Int64) -> Int {
    do throws(MulticastError) {
      return try pipeline.read(receiver, now: now)
    } catch {
      // A transient error of this socket (ENOBUFS, ENOMEM): the next read continues.
      events.debug("\(error)")
      return 0
    }
  }

  // MARK: Querier probe

  /// Rejoins the group on an interface whose peers are all silent, in case a switch expired the membership.
  func renewMembership(on index: UInt32, at now: Int64, last: Int64, isNetwork: Bool) {
    guard let subscription else { return }
    let refusals = subscription.fellSilent(index, at: now, last: last, isNetwork: isNetwork)
    guard !refusals.isEmpty else { return }
    showMemberships()
    for case .refused(let interface, let error) in refusals {
      events.report(
        .interfaceLost, .warning, "cannot join \(subscription.receiver.group) again: \(error).",
        subscription.receiver.group.eventFields.merging(["MCAST_INTERFACE": interface.name]) { $1 })
    }
    membershipLost()
  }
}

/// The result of following a plan in one direction.
struct InterfaceOutcome: Sendable {
  var changes: [InterfaceChange] = []
  /// Time of the next retry of refused interfaces, in ns of CLOCK_MONOTONIC; nil without a refusal.
  var retryTime: Int64?
}
