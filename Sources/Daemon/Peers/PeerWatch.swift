// SPDX-License-Identifier: Apache-2.0

import EventLoop
import Heartbeat
import Multicast

/// Follows the peers of the group for the receive loop, and says in the journal and as files what becomes of them.
///
/// The verdicts are `PeerTable`'s; here they get their clocks, names and readers. Belongs to the receive loop.
struct PeerWatch {
  /// From which ports the process before sent its heartbeats, by interface.
  let formerPorts: [Int32: UInt16]
  private(set) var peers: PeerInterfaces
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
  /// What has been judged and not yet followed; no more than the tables have peers, for each has one state at a time.
  private var pending: [PeerInterfaces.Event] = []

  var names: InterfaceNames { peers.names }

  /// - Parameters:
  ///   - capacity: `peers.max`.
  ///   - zone: of the payloads' time.
  ///   - runtime: the directory for peers' files; nil for none.
  ///   - kept: what the process before left, if it did.
  ///   - isGapless: whether the receive socket was kept as well.
  init(capacity: Int, zone: TimestampZone, runtime: String?, kept: KeptPeers?, isGapless: Bool) {
    let now = MonotonicClock.now()
    self.zone = zone
    formerPorts = kept?.ownPorts ?? [:]
    if let kept {
      peers = PeerInterfaces(
        restoring: kept, capacity: capacity, at: now, isGapless: isGapless && kept.isComplete)
    } else {
      peers = PeerInterfaces(capacity: capacity)
    }
    files = PeerFiles(directory: PeerDirectory(runtime: runtime))
    clock = ArrivalClock(realtime: MonotonicClock.wallClock(), monotonic: now, emptyAt: .min)
    caughtUp = isGapless ? .min : now
    lastDrops = now
    files.restore(peers)
    readZone()
  }

  // MARK: What is listened to

  mutating func number(of interface: String) -> Int32 { peers.number(of: interface) }

  /// The group is joined on these interfaces and no others.
  ///
  /// - Parameters:
  ///   - awaited: the names of those that are used when they are there; nil for any.
  ///   - now: monotonic nanoseconds.
  mutating func listen(on present: Set<Int32>, awaited: Set<String>?, now: Int64) {
    let gone = peers.listen(on: present, awaited: awaited, now: now)
    forgotten(gone)
  }

  /// Another configuration is in force. Whoever is not meant to be heard any more is forgotten, and not called silent.
  ///
  /// - Parameter sources: from whom datagrams are accepted; empty for everybody.
  mutating func apply(capacity: Int, sources: [IPAddress]) {
    peers.resize(capacity)
    guard !sources.isEmpty else { return }
    let gone = peers.forget { !sources.contains($0.address) }
    forgotten(gone)
  }

  /// Another group is listened to, or none.
  mutating func forgetAll() {
    let gone = peers.forgetAll()
    forgotten(gone)
  }

  /// - Parameter gone: a value of its own: as part of the call it would be computed after `self` was read.
  private func forgotten(_ gone: [PeerID]) {
    for id in gone { files.update(id, peers) }
    if !gone.isEmpty { files.updateNetwork(peers) }
  }

  // MARK: A batch

  mutating func begin(now: Int64) {
    clock = ArrivalClock(realtime: MonotonicClock.wallClock(), monotonic: now, emptyAt: caughtUp)
    peers.share()
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
  ) -> OwnHeartbeats.Event? {
    let arrival = clock.arrival(stamp: stamp)
    heardSinceDrops += 1
    if isOwn { return own.heard(on: interface, port: source.port, at: arrival) }
    let payload = time.microsecondsSinceEpochAsUTC
    let beat = Beat(
      arrival: arrival, payload: payload, offset: stamp / 1000 + zoneOffset - payload, port: source.port)
    peers.heard(beat, from: PeerID(address: source.address, interface: interface))
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
      peers.noteKernelDrops(dropped, received: heardSinceDrops, from: lastDrops, to: now)
      own.noteKernelDrops()
    }
    heardSinceDrops = 0
    lastDrops = now
  }

  /// Events followed in one turn. Each is a file and an entry: thousands at once, as forged sources would have it, must
  /// not keep the loop from the socket.
  private static let eventsInATurn = 100

  /// Judges as of the moment up to which everything has been heard.
  mutating func judge() -> ArraySlice<PeerInterfaces.Event> {
    let now = MonotonicClock.now()
    let (found, unwanted) = peers.judge(at: min(caughtUp, now), now: now)
    pending += found
    let events = pending.prefix(Self.eventsInATurn)
    pending.removeFirst(events.count)
    for event in events { files.follow(event, peers) }
    forgotten(unwanted)
    return events
  }

  /// When to judge next, in monotonic nanoseconds.
  var nextDeadline: Int64? { pending.isEmpty ? peers.nextDeadline : MonotonicClock.now() }

  /// Once a second: a zone may have changed, and with it what our clock reads.
  mutating func readZone() {
    let now = MonotonicClock.wallClock() / 1_000_000_000
    let local = CivilTime(secondsSinceEpoch: now, microsecond: 0, zone: zone)
    zoneOffset = (local.secondsSinceEpochAsUTC - now) * 1_000_000
  }

  mutating func noteSent(_ times: [Int64], on interface: Int32) { own.sent(times, on: interface) }

  mutating func judgeOwn(now: Int64) -> OwnHeartbeats.Event? { own.judge(at: now) }

  mutating func expectOwn(on interfaces: Set<Int32>) { own.expect(on: interfaces) }

  /// What an heir needs.
  ///
  /// - Parameter group: whose peers they are; nil where nothing is received.
  mutating func kept(isComplete: Bool, group: Endpoint?) -> KeptPeers {
    KeptPeers(
      group: group.map { "\($0)" }, snapshots: peers.snapshots(at: MonotonicClock.now()), names: names,
      isComplete: isComplete)
  }
}
