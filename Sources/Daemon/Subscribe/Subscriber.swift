// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Journal
import Liveness
import Monitor
import Multicast
import Platform
import Rules
import Settings

/// The receive loop: `Reception` with its thread, timers and clocks. Reads the group's socket, applies
/// changes of memberships, and once a second and at the deadlines of peers says what has changed.
actor Subscriber {
  /// Period of the tick, in ns, and how much later it may come. A little less than the usual interval of
  /// heartbeats: the tick runs when the loop is awake anyway.
  private static let tickInterval: Int64 = 900_000_000
  private static let tickLeeway: Int64 = 600_000_000
  /// Longest time to read the rest of a socket, in ns, while beats wait: a buffer of 64 MiB takes half of it.
  private static let longestRest: Int64 = 200_000_000
  /// Time from one judgement to the next, in ns: four times what the last one took of the processor, within
  /// these bounds. Not of the clock: on a busy host what is new would wait for what others do.
  private static let rests = Reception.shortestRest...10_000_000

  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
  nonisolated let joined = JoinedInterfaces()
  nonisolated let status = StatusSink()

  private let ledger: SharedLedger
  private let sent: SentTimes
  private let events: EventReporter
  private var reception: Reception
  private var subscription: GroupSubscription?
  private var source: LoopSource?
  private var turns = ReceiveLoop(receiveBuffer: 0)
  private var drops: DropAccounting
  /// Of the payloads' time.
  private var zone: TimestampZone
  private var ticker: LoopTimer?
  /// Judges at deadlines before the next tick, which peers with a short interval have.
  private var judgement: LoopTimer?
  /// When the next judgement between two ticks may be, in ns of CLOCK_MONOTONIC.
  private var earliestJudgement = Clocks.monotonic()
  private var membershipLost: @Sendable () -> Void = {}
  private var statesChanged: @Sendable () -> Void = {}
  /// When the last checkpoint was made, and how many events had been told; nil before the first.
  private var checkpointed: (time: Int64, events: UInt64)?

  /// - Parameters:
  ///   - states: Nil where nothing is done.
  ///   - zone: Of the payloads' time.
  ///   - directory: the runtime directory; nil keeps nothing over a restart.
  init(
    on loop: EventLoop, ledger: SharedLedger, sent: SentTimes, pipeline: sending ReceivePipeline,
    events: EventReporter, states: StateOutlet? = nil, zone: TimestampZone, directory: String?
  ) {
    self.loop = loop
    self.ledger = ledger
    self.sent = sent
    self.events = events
    drops = DropAccounting(directory: directory)
    self.zone = zone
    reception = Reception(
      pipeline: pipeline,
      sinks: EventSinks(
        folders: PeerDirectory(runtime: directory), status: status, states: states, events: events),
      events: events)
  }

  /// - Parameters:
  ///   - lost: Called when a wanted membership was lost.
  ///   - states: Called when a state was entered or left.
  ///   - changed: Called when the summary of peers changed, at most about once a second.
  func onChange(
    membershipLost lost: @escaping @Sendable () -> Void, states: @escaping @Sendable () -> Void,
    peers changed: @escaping @Sendable () -> Void
  ) {
    (membershipLost, statesChanged) = (lost, states)
    status.onChange(changed)
  }

  private var receiver: MulticastReceiver? { subscription?.receiver }

  // MARK: Opening and changing

  /// Replaces the subscription. Reading starts at the next `follow`: a socket kept over a restart has
  /// datagrams queued, and until the interfaces are known they would count as foreign.
  ///
  /// Drops of such a socket are counted from where the previous process left off.
  func use(_ subscription: sending GroupSubscription) {
    if let old = receiver {
      // What is queued is still ours to log. No more comes from a group that is left.
      self.subscription?.leaveAll()
      ReceiveLoop.readRest(within: Self.longestRest) { readBatch(old, now: $0) }
    }
    close()
    self.subscription = subscription
    let receiver = subscription.receiver
    drops.begin(receiver)
    turns = ReceiveLoop(receiveBuffer: receiver.grantedReceiveBuffer)
    source = LoopSource(on: loop, descriptor: receiver.descriptor, keeping: receiver) { [unowned self] in
      assumeIsolated { $0.readable() }
    }
  }

  /// Joins the group on the interfaces of a plan and leaves it on all others.
  ///
  /// - Parameter expectsOwn: Whether our own heartbeats should be received where we both send and receive.
  func follow(_ plan: InterfacePlan, expectsOwn: Bool) -> InterfaceOutcome {
    guard let subscription else { return InterfaceOutcome() }
    let changes = subscription.follow(plan.usable)
    show(subscription, awaited: plan.names, expectsOwn: expectsOwn)
    source?.setRunning(true)
    if ticker == nil { startTimers() }
    return InterfaceOutcome(changes: changes, retryTime: subscription.retryTime(now: Clocks.monotonic()))
  }

  /// Publishes the memberships to the receive pipeline.
  private func show(_ subscription: GroupSubscription?, awaited: Set<String>?, expectsOwn: Bool) {
    reception.follow(subscription, awaited: awaited, expectsOwn: expectsOwn, now: Clocks.monotonic())
    meetDemands()
  }

  /// Publishes them to other queues.
  private func showMemberships() {
    joined.set(
      (subscription?.interfaces ?? []).map {
        JoinedInterfaces.Membership(interface: $0.name, interfaceIndex: $0.index)
      })
  }

  /// As `GroupSubscription.setSources`; must be followed by `follow`.
  func setSources(_ sources: [IPAddress]) { subscription?.setSources(sources) }

  /// - Parameter bytes: Requested size (SO_RCVBUF).
  /// - Returns: Bytes granted by the kernel; nil without a subscription.
  func setReceiveBuffer(_ bytes: Int) -> Int? {
    guard let receiver else { return nil }
    do throws(MulticastError) { try receiver.setReceiveBuffer(bytes) } catch { events.debug("\(error)") }
    turns = ReceiveLoop(receiveBuffer: receiver.grantedReceiveBuffer)
    return receiver.grantedReceiveBuffer
  }

  /// Applies the settings of logging and peers.
  func apply(_ settings: Settings) {
    zone = settings.timestamp
    let now = Clocks.monotonic()
    reception.apply(settings, subscription, now: now)
    meetDemands()
  }

  /// Authenticates heartbeats with these keys from now on, or not.
  func authenticate(by policy: Monitor.AuthenticationPolicy) {
    reception.pipeline.authenticate(by: policy, now: Clocks.monotonic())
  }

  /// This host says these readings from now on.
  func say(_ readings: [Reading], as name: HostName?, runs: [UInt64]) {
    reception.pipeline.say(readings, as: name, runs: runs, now: Clocks.monotonic())
    wake(at: 0)
  }

  /// Has these rules in force from now on, and no others.
  ///
  /// - Parameter entered: As of `Monitor.Input`.
  func setRules(_ rules: [Rule], entered: Set<RuleName>?) {
    reception.setRules(rules, entered: entered, subscription, now: Clocks.monotonic())
    meetDemands()
    wake(at: 0)
  }

  /// Leaves the group everywhere and drops the subscription.
  func close() {
    // Before the group changes, since summaries name it.
    reportSuppressed(isFinal: true)
    stop()
    subscription?.leaveAll()
    subscription = nil
    show(nil, awaited: nil, expectsOwn: false)
  }

  /// Stops reading. The socket stays open until the process ends, so that the next process can read what is
  /// queued.
  func stop() {
    (source, ticker, judgement) = (nil, nil, nil)
  }

  // MARK: For other parts

  /// A duplicate of the socket's descriptor; nil where there is none.
  func duplicateDescriptor() -> Descriptor? { receiver?.duplicateDescriptor() }

  /// How many peers are known of; nil where nothing is received.
  var peerCount: Int? { subscription == nil ? nil : reception.pipeline.monitor.liveness.counts.total }

  /// Reads the state of the pipeline; the loop waits meanwhile.
  func read<Value: Sendable>(_ body: @Sendable (ReceivePipeline) -> Value) -> Value {
    body(reception.pipeline)
  }

  /// Peers and senders for the next process, when reading has ended for good.
  func lastCheckpoint() -> PeerCheckpoint {
    reception.pipeline.checkpoint(isComplete: true, now: Clocks.monotonic())
  }

  /// Peers and senders for a process that follows without a shutdown; nil while an earlier one will do.
  ///
  /// - Parameter period: Nanoseconds from one to the next, where events were told since.
  func dueCheckpoint(after period: Int64) -> PeerCheckpoint? {
    let now = Clocks.monotonic()
    if let last = checkpointed {
      let wait = last.events == reception.eventCount ? SenderCheckpoint.longestPeriod : period
      guard now - last.time >= wait else { return nil }
    }
    checkpointed = (now, reception.eventCount)
    return reception.pipeline.checkpoint(isComplete: false, now: now)
  }

  // MARK: Reading

  private func readable() {
    guard let receiver else { return }
    // What is new is told as soon as the socket is empty, and not at the next tick.
    let wasEmptied = turns.turn(
      before: { min(loop.nextDue, reception.hasNews() ? earliestJudgement : .max) },
      read: { readBatch(receiver, now: $0) })
    guard reception.hasNews() else { return }
    if wasEmptied, Clocks.monotonic() >= earliestJudgement { judgeBetweenTicks() } else { wake(at: 0) }
  }

  /// The timer went off. It may have been set before the last judgement ended.
  private func judgeInTime() {
    guard Clocks.monotonic() >= earliestJudgement else { return wake(at: earliestJudgement) }
    catchUp()
    judgeBetweenTicks()
  }

  private func judgeBetweenTicks() {
    // Peers whose beats were dropped are not silent.
    countDrops()
    judge(.deadline)
  }

  /// Reads what is queued before a judgement, so that no peer is late for a heartbeat that waits in the
  /// socket.
  private func catchUp() {
    guard let receiver, source?.isRunning == true else { return }
    _ = ReceiveLoop.drain(now: Clocks.monotonic()) { readBatch(receiver, now: $0) }
  }

  private func readBatch(_ receiver: MulticastReceiver, now: Int64) -> Int {
    do throws(MulticastError) { return try reception.pipeline.read(receiver, now: now) } catch {
      events.debug("\(error)")
    }
    // A transient error of this socket (ENOBUFS, ENOMEM): the next read continues.
    return 0
  }

  // MARK: The tick

  private func startTimers() {
    ticker = LoopTimer(on: loop, every: Self.tickInterval, leeway: Self.tickLeeway) { [unowned self] in
      assumeIsolated { $0.tick() }
    }
    judgement = LoopTimer(on: loop) { [unowned self] in assumeIsolated { $0.judgeInTime() } }
  }

  /// Housekeeping, about once a second: drops, summaries, verdicts about peers, files.
  func tick() {
    catchUp()
    countDrops()
    reportSuppressed(isFinal: false)
    judge(.tick(zoneOffset: zone.offset(at: Clocks.realtime())))
    reception.repair()
    drops.save(events)
  }

  /// Adds new drops of the kernel to the ledger.
  func countDrops() {
    guard let receiver else { return }
    let now = Clocks.monotonic()
    let new = drops.count(receiver, now: now)
    reception.pipeline.countDrops(Int(new), now: now)
    if new > 0 { ledger.update { $0.drop(UInt64(new)) } }
  }

  /// Reports datagrams and events that were only counted, at the pace of `SummaryPace`, and an excessive
  /// volume of entries.
  ///
  /// - Parameter isFinal: Whether receiving has ended, so that nothing may wait for a later tick.
  func reportSuppressed(isFinal: Bool) {
    let now = Clocks.monotonic()
    reception.reportDatagrams(isFinal: isFinal, now: now)
    if let receiver { drops.report(receiver, events, now: now, isFinal: isFinal) }
    reception.reportEvents(isFinal: isFinal, now: now)
  }

  // MARK: Peers

  private func judge(_ input: Monitor.Input) {
    let start = Clocks.threadTime()
    reception.judge(input, sent: sent.take(), subscription, now: Clocks.monotonic())
    let rest = 4 * (Clocks.threadTime() - start)
    earliestJudgement =
      Clocks.monotonic() + min(max(rest, Self.rests.lowerBound), Self.rests.upperBound)
    meetDemands()
  }

  private func meetDemands() {
    let demands = reception.takeDemands()
    wake(at: demands.wake)
    if demands.showsMemberships { showMemberships() }
    if demands.membershipLost { membershipLost() }
    if demands.statesChanged { statesChanged() }
  }

  private func wake(at time: Int64?) {
    if let time { judgement?.bringForward(to: max(time, earliestJudgement)) }
  }
}
