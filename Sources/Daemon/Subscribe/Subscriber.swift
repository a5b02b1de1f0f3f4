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

/// Receives what is sent to the group. Every datagram goes through `Reception`; this actor opens and reads
/// the socket, joins and leaves, and looks after what happens once a second.
actor Subscriber {
  nonisolated let executor = QueueExecutor(label: "mcastd.subscribe")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  let book: LedgerBook
  let sent: SentBeats
  let events: EventLog
  var reception: Reception
  private(set) var receiver: MulticastReceiver?
  private var source: (any DispatchSourceRead)?
  /// Whether `source` has been activated.
  private var isReading = false
  private var pace = ReceivePace(receiveBuffer: 0, now: 0)
  private(set) var sources: [IPAddress] = []
  // `Subscriber+Second.swift`.
  var drops: DropCount?
  var baseline: DropBaseline
  var baselineHealth = FileHealth()
  var seconds: (any DispatchSourceTimer)?
  var judgement: (any DispatchSourceTimer)?
  var judgementDue: Int64 = 0
  /// For whoever asks without waiting for the loop.
  nonisolated let shared = Mutex(Shared())
  /// Called when what it shows of peers has changed, no more than about once a second.
  var summaryChanged: @Sendable () -> Void = {}
  /// Shows that the loop runs.
  nonisolated let pulse = Pulse()
  var lastSecond = MonotonicClock.now()
  var rejoin = Rejoin()
  var news = PeerNews()
  var kernelDrops = SummaryPace()
  /// When the kernel's drops were last counted.
  var lastCount = MonotonicClock.now()

  init(
    book: LedgerBook, sent: SentBeats, baseline: DropBaseline, reception: sending Reception, events: EventLog
  ) {
    self.book = book
    self.baseline = baseline
    self.sent = sent
    self.reception = reception
    self.events = events
  }

  // MARK: Opening and changing

  /// Takes this socket in place of the one before. It is read from the next `join` on: a socket that was kept
  /// over a restart is full of datagrams, and until it is known on which interfaces, they could not be told
  /// from foreign ones.
  ///
  /// Of such a socket, drops are counted from where the process before left off.
  func use(_ receiver: sending MulticastReceiver, sources: [IPAddress]) {
    // What waits in the old socket was sent to us as well.
    if let old = self.receiver {
      while readBatch(old, now: MonotonicClock.now()) > 0 {}
      if old.group != receiver.group { reception.peers.forgetAll() }
    }
    close()
    self.receiver = receiver
    self.sources = sources
    drops = DropCount(baseline: baseline.read(cookie: receiver.cookie) ?? 0)
    pace = ReceivePace(receiveBuffer: receiver.grantedReceiveBuffer, now: MonotonicClock.now())
    let source = DispatchSource.makeReadSource(fileDescriptor: receiver.descriptor, queue: executor.queue)
    source.setEventHandler { [unowned self] in assumeIsolated { $0.readable() } }
    // Cancelling is not done at once: the descriptor must stay open until it is.
    source.setCancelHandler { withExtendedLifetime(receiver) {} }
    self.source = source
    isReading = false
  }

  /// Joins the group on these interfaces and leaves it on all others.
  ///
  /// - Parameter awaited: the names of the interfaces whose peers are kept in mind while they are not there;
  ///   nil for
  ///   all.
  /// - Returns: what was refused, by interface.
  func join(_ interfaces: [NetworkInterface], awaited: Set<String>? = nil) -> [UInt32: MulticastError] {
    guard let receiver else { return [:] }
    let wanted = Set(interfaces.map(\.index))
    if !isReading { leaveStale(receiver, except: wanted) }
    for index in reception.members.interfaces.keys where !wanted.contains(index) {
      receiver.leave(interfaceIndex: index)
      reception.members.remove(index)
      rejoin.left(index)
    }
    var refused: [UInt32: MulticastError] = [:]
    for interface in interfaces {
      do {
        if !receiver.isMember(interfaceIndex: interface.index) {
          try receiver.join(interfaceIndex: interface.index, sources: sources)
        }
        // Also where the socket came with the membership: a replacement that was joined beforehand, or one that
        // was kept over a restart.
        if reception.members.interfaces[interface.index] == nil {
          rejoin.joined(interface.index, at: MonotonicClock.now())
        }
        reception.add(interface)
      } catch {
        // Of several sources some may have been joined.
        receiver.leave(interfaceIndex: interface.index)
        reception.members.remove(interface.index)
        refused[interface.index] = error
      }
    }
    reception.listen(awaited: awaited, now: MonotonicClock.now())
    shareMemberships()
    if !isReading {
      isReading = true
      source?.activate()
      if seconds == nil { startSeconds() }
    }
    return refused
  }

  func apply(_ settings: Settings) {
    reception.log.apply(LogPolicy(settings.log), group: settings.subscribe.endpoint)
    reception.peers.apply(
      capacity: settings.peersMax, expected: settings.peersExpected, interval: settings.interval.nanoseconds,
      sources: settings.sources, zone: TimestampZone(settings.timestamp))
    if !settings.subscribe.enabled { reception.peers.forgetAll() }
  }

  /// Changes the socket in use: all of it, or nothing and throws.
  ///
  /// - Parameters:
  ///   - sources: as `setSources`; nil to leave them.
  ///   - receiveBuffer: wanted bytes; nil to leave it.
  ///   - before: the wanted bytes that are in force.
  /// - Throws: `MulticastError.system`.
  func change(sources: [IPAddress]?, receiveBuffer: Int?, before: Int) throws(MulticastError) {
    guard let receiver else { return }
    if let receiveBuffer { try receiver.setReceiveBuffer(receiveBuffer) }
    do throws(MulticastError) {
      if let sources { try setSources(sources) }
    } catch {
      if receiveBuffer != nil { try? receiver.setReceiveBuffer(before) }
      throw error
    }
    pace = ReceivePace(receiveBuffer: receiver.grantedReceiveBuffer, now: MonotonicClock.now())
  }

  /// Bytes; nil where nothing is received.
  var grantedReceiveBuffer: Int? { receiver?.grantedReceiveBuffer }

  /// Hears the group from these sources from now on, on every interface on which it is joined, or is refused
  /// on one and goes on with those before.
  ///
  /// - Parameter new: empty for any source.
  /// - Throws: `MulticastError.system`.
  private func setSources(_ new: [IPAddress]) throws(MulticastError) {
    guard let receiver else { return }
    let indices = reception.members.interfaces.keys
    for index in indices {
      do {
        try receiver.setSources(new, interfaceIndex: index)
      } catch {
        // Gone, and soon left.
        if error.isMissingInterface { continue }
        for index in indices { try? receiver.setSources(sources, interfaceIndex: index) }
        throw error
      }
    }
    sources = new
  }

  /// Lends the socket's descriptor.
  func withDescriptor(_ body: @Sendable (Int32) -> Void) {
    if let receiver { body(receiver.descriptor) }
  }

  /// Tells from where our own heartbeats leave.
  ///
  /// - Parameter areExpected: whether they should come back: same group and port, loopback on, our address
  ///   accepted.
  func setSenders(_ places: [Publisher.SendingPlace], areExpected: Bool) {
    reception.setSenders(places)
    reception.peers.expectOwn(
      on: areExpected ? reception.senders.interfaces.intersection(reception.members.numbers) : [])
  }

  /// Which interfaces have no carrier, by their index.
  func setWithoutCarrier(_ indices: Set<UInt32>) {
    let numbers = indices.compactMap { reception.members.find($0)?.number }
    reception.peers.setWithoutCarrier(Set(numbers), now: MonotonicClock.now())
  }

  /// Receives nothing any more.
  func close() {
    // Entries name the group that is left.
    tellWithheld(isFinal: true)
    stop()
    if let receiver {
      for index in reception.members.interfaces.keys { receiver.leave(interfaceIndex: index) }
    }
    reception.members.removeAll()
    reception.listen(awaited: nil, now: MonotonicClock.now())
    shareMemberships()
    rejoin = Rejoin()
    receiver = nil
  }

  /// Stops reading. The socket stays open until the process ends, so that nothing is dropped that an heir
  /// could read.
  func stop() {
    for timer in [judgement, seconds] { timer?.cancel() }
    (judgement, seconds, judgementDue) = (nil, nil, 0)
    source?.cancel()
    // Dispatch traps when a source that was never activated is released.
    if !isReading { source?.activate() }
    source = nil
  }

  // MARK: The loop

  /// The loop lets other work onto its queue at least this often (ns).
  private static let turn: Int64 = 20_000_000
  /// Batches read in a row before the clock is looked at again.
  private static let batchesInARow = 16

  private func readable() {
    pulse.beat()
    let started = MonotonicClock.now()
    var now = started
    defer { if isSecondDue(now) { second() } }
    while let receiver, now - started < Self.turn {
      let (count, isEmpty) = drain(receiver, now: now)
      now = MonotonicClock.now()
      guard isEmpty else { continue }
      let rest = pace.drained(count, now: now)
      guard rest > 0 else { return }
      // Asleep on this queue rather than waiting for a source: no wake-up for each datagram, and none by a
      // timer.
      var pause = timespec(tv_sec: 0, tv_nsec: Int(rest))
      nanosleep(&pause, nil)
      now = MonotonicClock.now()
    }
  }

  /// Reads until the socket is empty or it is time to look at the clock.
  private func drain(_ receiver: MulticastReceiver, now: Int64) -> (count: Int, isEmpty: Bool) {
    var total = 0
    for _ in 0..<Self.batchesInARow {
      let count = readBatch(receiver, now: now)
      total += count
      if count < MulticastReceiver.batchSize { return (total, true) }
    }
    return (total, false)
  }

  /// Reads what has arrived until now, so that it can be judged who was heard.
  func catchUp() {
    guard let receiver, isReading else { return }
    _ = drain(receiver, now: MonotonicClock.now())
  }

  private func readBatch(_ receiver: MulticastReceiver, now: Int64) -> Int {
    do throws(MulticastError) {
      return try reception.read(receiver, now: now)
    } catch {
      // The kernel has an error for this socket alone (ENOBUFS, ENOMEM): the next read goes on.
      events.debug("\(error)")
      return 0
    }
  }
}
