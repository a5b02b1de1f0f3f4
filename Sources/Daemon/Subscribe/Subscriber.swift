// SPDX-License-Identifier: Apache-2.0

import Dispatch
import EventLoop
import Glibc
import Heartbeat
import Multicast
import Settings

/// Receives what is sent to the group and hands every datagram to the log.
actor Subscriber {
  nonisolated let executor = QueueExecutor(label: "mcastd.subscribe")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let book: LedgerBook
  private let log: DatagramLog
  private var events: EventLog
  private var receiver: MulticastReceiver?
  private var source: (any DispatchSourceRead)?
  /// Whether `source` has been activated.
  private var isReading = false
  private var pace = ReceivePace(receiveBuffer: 0, now: 0)
  /// The interfaces on which the group is joined, by index.
  private var members: [UInt32: NetworkInterface] = [:]
  private var sources: [IPAddress] = []
  /// The port that our own heartbeats leave from, by interface index.
  private var ownPorts: [UInt32: UInt16] = [:]
  private var drops: DropCount?

  init(book: LedgerBook, log: sending DatagramLog, events: EventLog) {
    self.book = book
    self.log = log
    self.events = events
  }

  // MARK: Opening and changing

  /// Takes this socket in place of the one before. It is read from the next `join` on: a socket that was kept over a
  /// restart is full of datagrams, and until it is known on which interfaces, they could not be told from foreign ones.
  ///
  /// - Parameters:
  ///   - baseline: the drop count of an earlier life of the same socket that has been accounted for.
  func use(_ receiver: sending MulticastReceiver, sources: [IPAddress], baseline: UInt32) {
    // What waits in the old socket was sent to us as well.
    drainAll()
    close()
    self.receiver = receiver
    self.sources = sources
    drops = DropCount(baseline: baseline)
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
  /// - Returns: what was refused, by interface.
  func join(_ interfaces: [NetworkInterface]) -> [UInt32: MulticastError] {
    guard let receiver else { return [:] }
    let wanted = Set(interfaces.map(\.index))
    for index in members.keys where !wanted.contains(index) {
      receiver.leave(interfaceIndex: index)
      members[index] = nil
    }
    var refused: [UInt32: MulticastError] = [:]
    for interface in interfaces {
      do {
        if !receiver.isMember(interfaceIndex: interface.index) {
          try receiver.join(interfaceIndex: interface.index, sources: sources)
        }
        members[interface.index] = interface
      } catch {
        members[interface.index] = nil
        refused[interface.index] = error
      }
    }
    if !isReading {
      isReading = true
      source?.activate()
    }
    return refused
  }

  func apply(_ settings: Settings.Log, group: Endpoint, events: EventLog) {
    self.events = events
    log.apply(settings, group: group)
  }

  /// Asks for another receive buffer for the socket in use.
  ///
  /// - Throws: `MulticastError.system`.
  func setReceiveBuffer(_ bytes: Int) throws(MulticastError) {
    guard let receiver else { return }
    try receiver.setReceiveBuffer(bytes)
    pace = ReceivePace(receiveBuffer: receiver.grantedReceiveBuffer, now: MonotonicClock.now())
  }

  /// Lends the socket's descriptor.
  func withDescriptor(_ body: @Sendable (Int32) -> Void) {
    if let receiver { body(receiver.descriptor) }
  }

  func setOwnPorts(_ ports: [UInt32: UInt16]) { ownPorts = ports }

  /// Stops reading. The socket stays open until the process ends, so that nothing is dropped that an heir could read.
  func stop() {
    source?.cancel()
    // Dispatch traps when a source that was never activated is released.
    if !isReading { source?.activate() }
    source = nil
  }

  /// Receives nothing any more.
  func close() {
    stop()
    if let receiver {
      for index in members.keys { receiver.leave(interfaceIndex: index) }
    }
    members = [:]
    receiver = nil
  }

  // MARK: The loop

  /// The loop lets other work onto its queue at least this often (ns).
  private static let turn: Int64 = 20_000_000
  /// Batches read in a row before the clock is looked at again.
  private static let batchesInARow = 16

  private func readable() {
    let started = MonotonicClock.now()
    var now = started
    while let receiver, now - started < Self.turn {
      let (count, isEmpty) = drain(receiver, now: now)
      now = MonotonicClock.now()
      guard isEmpty else { continue }
      let rest = pace.drained(count, now: now)
      guard rest > 0 else { return }
      // Asleep on this queue rather than waiting for a source: no wake-up for each datagram, and none by a timer.
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

  /// Reads what is there, all of it; bounded by what the receive buffer holds.
  private func drainAll() {
    guard let receiver else { return }
    while readBatch(receiver, now: MonotonicClock.now()) > 0 {}
  }

  private func readBatch(_ receiver: MulticastReceiver, now: Int64) -> Int {
    log.begin(now: now)
    defer { log.end() }
    do throws(MulticastError) {
      return try receiver.receive { datagram in take(datagram, now: now) }
    } catch {
      // The kernel has an error for this socket alone (ENOBUFS, ENOMEM): the next read goes on.
      events.debug("\(error)")
      return 0
    }
  }

  private func take(_ datagram: ReceivedDatagram, now: Int64) {
    guard let receiver, datagram.destination == receiver.group.address,
      let interface = members[datagram.interfaceIndex]
    else { return log.countForeign() }
    let isOwn =
      datagram.source.port == ownPorts[datagram.interfaceIndex]
      && interface.addresses.contains(datagram.source.address)
    let facts = DatagramFacts(
      payload: datagram.payload, size: datagram.size, source: datagram.source, interface: interface.name,
      isHeartbeat: Heartbeat.matches(datagram.payload),
      receivedNanoseconds: datagram.receivedNanoseconds)
    log.record(facts, isOwn: isOwn)
  }

  // MARK: Once a second

  /// Looks at the kernel's drop count and tells what has been withheld from the journal.
  ///
  /// - Returns: up to which drop count of which socket (by its cookie) the drops are in the ledger.
  func tick() -> (cookie: UInt64, count: UInt32)? {
    countDrops()
    for summary in log.takeSummaries() { report(summary) }
    guard let receiver, let drops else { return nil }
    return (receiver.cookie, drops.baseline)
  }

  /// Brings the ledger up to date with the kernel's drop count.
  func countDrops() {
    guard let receiver, let new = drops?.update(receiver.kernelDrops), new > 0 else { return }
    book.enter { $0.drop(UInt64(new)) }
    events.report(
      .kernelDrops, .warning,
      "the kernel dropped \(new) datagrams to \(receiver.group): the receive buffer of "
        + "\(receiver.grantedReceiveBuffer) bytes was full. Raise receive-buffer, and net.core.rmem_max with it.",
      [
        "MCAST_GROUP": "\(receiver.group.address)", "MCAST_PORT": "\(receiver.group.port)",
        "MCAST_DROPPED": "\(new)",
      ])
  }

  private func report(_ summary: WithheldSummary) {
    let loudest = summary.loudest.map { "\($0.source) (\($0.count))" }.joined(separator: ", ")
    let span = Milliseconds.text(summary.span)
    let fields = [
      "MCAST_SUMMARISED": "\(summary.count)", "MCAST_SPAN_USEC": "\(summary.span / 1000)",
      "MCAST_LOUDEST": loudest, "MCAST_REASON": summary.reason.rawValue,
    ]
    switch summary.reason {
    case .budget:
      events.report(
        .summarised, .warning,
        "\(summary.count) datagrams within \(span) have no entry of their own: over the budget of log.rate and "
          + "log.burst. Loudest: \(loudest)", fields)
    case .stall:
      events.report(
        .journalStalled, .warning,
        "\(summary.count) datagrams within \(span) have no entry of their own: the journal did not take entries "
          + "and log.queue was full. Loudest: \(loudest)", fields)
    }
  }

  // MARK: For status

  struct Membership: Sendable, Equatable {
    var interface: String
    var interfaceIndex: UInt32
  }

  /// Where the group is joined, by interface name.
  var memberships: [Membership] {
    members.values.map { Membership(interface: $0.name, interfaceIndex: $0.index) }
      .sorted { $0.interface < $1.interface }
  }
}
