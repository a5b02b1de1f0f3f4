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

/// Receives what is sent to the group. Every datagram goes through `ReceivePipeline`; this actor opens and
/// reads the socket, joins and leaves, and looks after what happens once a second.
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
  /// The names of the interfaces whose peers are kept in mind while they are not there; nil for all.
  private var awaited: Set<String>?
  private var expectsOwn = false
  /// Called when the group is not joined any more where it should be.
  private var membershipLost: @Sendable () -> Void = {}
  /// The runtime directory; nil keeps nothing over a restart.
  private let directory: String?
  // `Subscriber+Housekeeping.swift`.
  var drops: DropCounter?
  var dropsHealth = FileHealth()
  var housekeeping: (any DispatchSourceTimer)?
  var judgement: (any DispatchSourceTimer)?
  var judgementDue: Int64 = 0
  /// For whoever asks without waiting for the loop.
  nonisolated let shared = Mutex(Shared())
  /// Called when what it shows of peers has changed, no more than about once a second.
  var summaryChanged: @Sendable () -> Void = {}
  /// Shows that the loop runs.
  nonisolated let progress = ProgressMark()
  var lastTick = Clocks.monotonic()
  var limiter = EventRateLimiter()
  var kernelDrops = SummaryPace()
  /// When the kernel's drops were last counted.
  var lastCount = Clocks.monotonic()

  /// - Parameter directory: the runtime directory; nil keeps nothing over a restart.
  init(
    ledger: SharedLedger, sent: SentTimes, pipeline: sending ReceivePipeline, events: EventLog,
    directory: String?
  ) {
    self.ledger = ledger
    self.sent = sent
    self.pipeline = pipeline
    self.events = events
    self.directory = directory
  }

  var receiver: MulticastReceiver? { subscription?.receiver }

  // MARK: Opening and changing

  /// Takes this subscription in place of the one before. It is read from the next `follow` on: a socket that
  /// was kept over a restart is full of datagrams, and until it is known on which interfaces, they could not
  /// be told from foreign ones.
  ///
  /// Of such a socket, drops are counted from where the process before left off.
  func use(_ subscription: sending GroupSubscription) {
    // What waits in the old socket was sent to us as well.
    if let old = receiver {
      while readBatch(old, now: Clocks.monotonic()) > 0 {}
      if old.group != subscription.receiver.group { pipeline.peers.forgetAll() }
    }
    close()
    self.subscription = subscription
    let receiver = subscription.receiver
    drops = DropCounter(of: receiver, directory: directory)
    loop = ReceiveLoop(receiveBuffer: receiver.grantedReceiveBuffer)
    let source = DispatchSource.makeReadSource(fileDescriptor: receiver.descriptor, queue: executor.queue)
    source.setEventHandler { [unowned self] in assumeIsolated { $0.readable() } }
    // Cancelling is not done at once: the descriptor must stay open until it is.
    source.setCancelHandler { withExtendedLifetime(receiver) {} }
    self.source = source
    isReading = false
  }

  /// Joins the group where a plan says, and leaves it on all other interfaces.
  ///
  /// - Parameter expectsOwn: whether our own heartbeats should come back where both directions are in force.
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

  /// Tells the receive loop, and whoever asks, where the group is joined.
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

  /// As `GroupSubscription.setSources`; a `follow` has to come after it.
  func setSources(_ sources: [IPAddress]) { subscription?.setSources(sources) }

  /// - Parameter bytes: wanted.
  /// - Returns: bytes that the kernel granted; nil where nothing is received.
  func setReceiveBuffer(_ bytes: Int) -> Int? {
    guard let receiver else { return nil }
    do throws(MulticastError) { try receiver.setReceiveBuffer(bytes) } catch { events.debug("\(error)") }
    loop = ReceiveLoop(receiveBuffer: receiver.grantedReceiveBuffer)
    return receiver.grantedReceiveBuffer
  }

  /// Takes what concerns received datagrams and peers of a configuration.
  func apply(_ settings: Settings) {
    pipeline.log.apply(LogPolicy(settings.log), group: settings.subscribe.endpoint)
    pipeline.peers.apply(
      capacity: settings.peersMax, expected: settings.peersExpected, interval: settings.interval.nanoseconds,
      sources: settings.sources, zone: settings.timestamp)
    if !settings.subscribe.enabled { pipeline.peers.forgetAll() }
  }

  /// Lends the socket's descriptor.
  func withDescriptor(_ body: @Sendable (Int32) -> Void) {
    if let receiver { body(receiver.descriptor) }
  }

  /// Receives nothing any more.
  func close() {
    // Entries name the group that is left.
    reportSuppressed(isFinal: true)
    stop()
    subscription?.leaveAll()
    subscription = nil
    awaited = nil
    showMemberships()
  }

  /// Stops reading. The socket stays open until the process ends, so that nothing is dropped that an heir
  /// could read.
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

  /// Reads what has arrived until now, so that it can be judged who was heard.
  func catchUp() {
    guard let receiver, isReading else { return }
    _ = ReceiveLoop.drain(now: Clocks.monotonic()) { readBatch(receiver, now: $0) }
  }

  private func readBatch(_ receiver: MulticastReceiver, now: Int64) -> Int {
    do throws(MulticastError) {
      return try pipeline.read(receiver, now: now)
    } catch {
      // The kernel has an error for this socket alone (ENOBUFS, ENOMEM): the next read goes on.
      events.debug("\(error)")
      return 0
    }
  }

  // MARK: Switches that forget

  /// Everybody on an interface fell silent: a switch may have forgotten us, and the group is joined anew.
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

/// What came of following a plan, in one direction.
struct InterfaceOutcome: Sendable {
  var changes: [InterfaceChange] = []
  /// When to try again what was refused, in ns of CLOCK_MONOTONIC; nil where nothing was.
  var retryTime: Int64?
}
