// SPDX-License-Identifier: Apache-2.0

import Facts
import Glibc
import Heartbeat
import Platform
import Synchronization

/// Says this host's readings: has a change sent at once and with every heartbeat after it, and has this host
/// know itself what it says.
///
/// On the loop of publisher and subscriber, which are called without waiting.
actor ReadingsPublisher {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private let publisher: Publisher
  private let subscriber: Subscriber
  private let events: EventReporter
  private var said: SaidReadings
  /// Of our heartbeats, as the subscriber knows it.
  private var runs: [UInt64] = []
  /// What the files say, and nothing where there are none; from another thread.
  private nonisolated let found = Mutex(Found())
  private var files: ReadingsDirectory?
  private var faults = FileFaults()
  private var lastRead = Int64.min
  /// Sends copies of a change.
  private lazy var sending = LoopTimer(on: loop) { [unowned self] in assumeIsolated { $0.send() } }
  /// Ends what was set for a time.
  private lazy var expiry = LoopTimer(on: loop) { [unowned self] in assumeIsolated { $0.expire() } }

  init(publisher: Publisher, subscriber: Subscriber, events: EventReporter, name: HostName?) {
    loop = publisher.loop
    self.publisher = publisher
    self.subscriber = subscriber
    self.events = events
    said = SaidReadings(as: name)
  }

  /// Files as they were found last.
  private struct Found: Sendable {
    var files = ReadingFiles()
    var isOptional = true
    /// Takes them on the loop.
    var arrival: LoopTimer?
  }

  /// Time between two readings of all files, in nanoseconds: at least, and where there is none.
  private static let shortestRead: Int64 = 100_000_000
  private static let longestRead: Int64 = 10_000_000_000

  /// To be called before the first heartbeat.
  func start() {
    let arrival = LoopTimer(on: loop) { [weak self] in self?.assumeIsolated { $0.takeFound() } }
    found.withLock { $0.arrival = arrival }
    // Whoever says something under this name from now on is another sender.
    tellSubscriber()
    publisher.assumeIsolated { publisher in
      publisher.beforeBeats { [weak self] in self?.assumeIsolated { $0.beat() } }
    }
  }

  // MARK: What is said

  /// Says these until they are unset, or for a time.
  ///
  /// - Parameter duration: In nanoseconds; nil for no end.
  /// - Returns: Those of them for which there is no room in a heartbeat.
  func set(_ new: [Reading], for duration: Int64?) throws(OwnReadings.Refusal) -> [Reading.ID] {
    try said.own.set(new, for: duration, at: Clocks.monotonic())
    follow()
    return said.leftOut(room: room).filter { id in new.contains { $0.id == id } }
  }

  /// Says these no more.
  ///
  /// - Returns: Those that were not set.
  func unset(_ ids: [Reading.ID]) -> [Reading.ID] {
    defer { follow() }
    return said.own.unset(ids)
  }

  /// Has the files read again with each heartbeat; nil for none.
  func follow(_ files: ReadingsDirectory?) {
    self.files = files
    guard files == nil else { return }
    found.withLock { $0.files = ReadingFiles() }
    takeFound()
  }

  /// Files have changed; from any thread.
  ///
  /// - Parameter isOptional: Whether the directory need not be there.
  nonisolated func take(_ files: ReadingFiles, isOptional: Bool) {
    let arrival = found.withLock { found in
      (found.files, found.isOptional) = (files, isOptional)
      return found.arrival
    }
    arrival?.set(0)
  }

  private func takeFound() {
    let files = found.withLock { $0.files }
    said.own.setFiles(files.values)
    follow()
    report()
  }

  /// Tells what is wrong with files, and what is not any more.
  private func report() {
    let (all, isOptional) = found.withLock { ($0.files.faults, $0.isOptional) }
    let present = all.filter { !isOptional || $0.problem != .noDirectory(errno: ENOENT) }
    for event in faults.take(present, at: Clocks.monotonic()) { events.report(.ownReadings(event)) }
  }

  /// With a heartbeat, whose loop is awake anyway. A directory without readings is looked at now and then.
  private func readFiles(at now: Int64) {
    guard let files else { return }
    let rest = found.withLock { $0.files.values.isEmpty } ? Self.longestRead : Self.shortestRead
    guard lastRead == .min || now - lastRead >= rest else { return }
    lastRead = now
    files.executor.queue.async { files.assumeIsolated { $0.read() } }
    report()
  }

  /// The name or the keys are others: there may be room for more readings, or less.
  func rename(_ name: HostName?) {
    said.name = name
    tellSubscriber()
    compose()
  }

  private func expire() {
    if said.own.expire(at: Clocks.monotonic()) { follow() } else { expiry.set(said.own.nextExpiry) }
  }

  /// Something may be said differently.
  private func follow() {
    expiry.set(said.own.nextExpiry)
    let peers = subscriber.assumeIsolated { $0.peerCount }
    guard said.follow(at: Clocks.monotonic(), among: peers ?? ChangeSpread.many) else { return }
    tellSubscriber()
    sending.set(said.nextCopy)
  }

  private func tellSubscriber() {
    runs = publisher.assumeIsolated { $0.runs }
    subscriber.assumeIsolated { [said, runs] in $0.say(said.readings, as: said.name, runs: runs) }
  }

  // MARK: Sending

  private func beat() {
    let now = Clocks.monotonic()
    readFiles(at: now)
    if publisher.assumeIsolated({ $0.runs }) != runs { tellSubscriber() }
    guard said.takeBeat(at: now) else { return }
    compose()
    sending.set(said.nextCopy)
  }

  private func send() {
    switch said.takeCopy(at: Clocks.monotonic()) {
    case .first:
      compose()
      publisher.assumeIsolated { $0.sendChange() }
    case .repetition: publisher.assumeIsolated { $0.sendChange() }
    case nil: break
    }
    sending.set(said.nextCopy)
  }

  private var room: Int { publisher.assumeIsolated { $0.roomForReadings } }

  /// Has heartbeats say what is said now.
  private func compose() {
    let leftOut = said.leftOut
    if let words = said.compose(room: room) { publisher.assumeIsolated { $0.say(words) } }
    if said.leftOut != leftOut { events.report(.ownReadings(.leftOut(said.leftOut))) }
  }
}
