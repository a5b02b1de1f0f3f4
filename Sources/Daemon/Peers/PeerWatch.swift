// SPDX-License-Identifier: Apache-2.0

import EventLoop
import Heartbeat
import Multicast

/// Follows the peers of the group for the receive loop, and says in the journal and as files what becomes of them.
///
/// The verdicts are `PeerTable`'s; here they get their clocks, names and readers. Belongs to the receive loop.
struct PeerWatch {
  private(set) var table: PeerTable<PeerID>
  private(set) var names = InterfaceNames()
  private(set) var own = OwnHeartbeats()
  private let files: PeerFiles
  private var clock: ArrivalClock
  /// What our wall clock is ahead of UTC as heartbeats are read, in microseconds.
  private var zoneOffset: Int64 = 0
  private let zone: TimestampZone
  /// Up to when all that was sent to us has been heard, in monotonic nanoseconds.
  private var caughtUp: Int64
  /// When the kernel's drops were last looked at.
  private var lastDrops: Int64
  private var heardSinceDrops = 0

  /// - Parameters:
  ///   - capacity: `peers.max`.
  ///   - zone: of the payloads' time.
  ///   - runtime: the directory for peers' files; nil for none.
  ///   - kept: what the process before left, if it did.
  ///   - isGapless: whether the receive socket was kept as well.
  init(capacity: Int, zone: TimestampZone, runtime: String?, kept: KeptPeers?, isGapless: Bool) {
    let now = MonotonicClock.now()
    table = PeerTable(capacity: capacity)
    self.zone = zone
    if let kept {
      names = kept.names
      table = PeerTable(
        restoring: kept.snapshot, capacity: capacity, at: now, isGapless: isGapless && kept.isComplete)
    }
    files = PeerFiles(directory: PeerDirectory(runtime: runtime))
    clock = ArrivalClock(realtime: MonotonicClock.wallClock(), monotonic: now, emptyAt: .min)
    caughtUp = isGapless ? .min : now
    lastDrops = now
    files.restore(table, names)
    readZone()
  }

  mutating func resize(_ capacity: Int) { table.capacity = capacity }

  mutating func number(of interface: String) -> Int32 { names.number(of: interface) }

  // MARK: A batch

  mutating func begin(now: Int64) {
    clock = ArrivalClock(realtime: MonotonicClock.wallClock(), monotonic: now, emptyAt: caughtUp)
  }

  /// A heartbeat arrived.
  ///
  /// - Parameters:
  ///   - time: the time in its payload.
  ///   - isOwn: whether our own sender sent it.
  /// - Returns: what there is to say of our own heartbeats.
  @inline(__always)
  mutating func heard(
    _ time: CivilTime, from source: Endpoint, on interface: Int32, stamp: Int64, isOwn: Bool
  ) -> OwnHeartbeatWatch.Event? {
    let arrival = clock.arrival(stamp: stamp)
    heardSinceDrops += 1
    if isOwn { return own.heard(on: interface, port: source.port, at: arrival) }
    let payload = time.microsecondsSinceEpochAsUTC
    let beat = Beat(
      arrival: arrival, payload: payload, offset: stamp / 1000 + zoneOffset - payload, port: source.port)
    table.heard(beat, from: PeerID(address: source.address, interface: interface))
    return nil
  }

  /// Everything that arrived before this moment has been given.
  mutating func emptied(at moment: Int64) { caughtUp = moment }

  /// A datagram with this stamp was the last of a batch that did not empty the socket.
  mutating func reached(stamp: Int64) { caughtUp = max(caughtUp, clock.arrival(stamp: stamp)) }

  // MARK: Judging

  /// The kernel dropped datagrams since this was last called.
  mutating func noteDrops(_ dropped: Int, now: Int64) {
    if dropped > 0 {
      table.noteKernelDrops(dropped, received: heardSinceDrops, from: lastDrops, to: now)
      own.noteKernelDrops()
    }
    heardSinceDrops = 0
    lastDrops = now
  }

  /// Nothing could be heard, because no interface was there.
  mutating func noteDeafness(from start: Int64, to end: Int64) {
    table.noteDeafness(from: start, to: end)
    own.reset()
  }

  /// Judges as of the moment up to which everything has been heard.
  mutating func judge() -> [PeerEvent<PeerID>] {
    let events = table.judge(at: min(caughtUp, MonotonicClock.now()))
    for event in events { files.follow(event, table, names) }
    return events
  }

  /// When to judge next, in monotonic nanoseconds.
  var nextDeadline: Int64? { table.nextDeadline }

  /// Once a second: a zone may have changed, and with it what our clock reads.
  mutating func readZone() {
    let now = MonotonicClock.wallClock() / 1_000_000_000
    let local = CivilTime(secondsSinceEpoch: now, microsecond: 0, zone: zone)
    zoneOffset = (local.secondsSinceEpochAsUTC - now) * 1_000_000
  }

  mutating func noteSent(_ times: [Int64], on interface: Int32) { own.sent(times, on: interface) }

  mutating func judgeOwn(now: Int64) -> OwnHeartbeatWatch.Event? { own.judge(at: now) }

  mutating func expectOwn(on interfaces: Set<Int32>) { own.expect(on: interfaces) }

  /// What an heir needs.
  func kept(isComplete: Bool) -> KeptPeers {
    KeptPeers(
      snapshot: table.snapshot(at: MonotonicClock.now()), names: names, isComplete: isComplete)
  }
}
