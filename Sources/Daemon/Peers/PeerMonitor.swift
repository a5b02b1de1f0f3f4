// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Multicast
import Platform

/// Follows the peers of the group for the receive loop, and says in the journal and as files what becomes of
/// them.
///
/// The verdicts are `PeerTable`'s; here they get their clocks, names and readers. Belongs to the receive
/// loop.
struct PeerMonitor {
  /// What the process before sent last.
  let previousSenders: SenderCheckpoint?
  private(set) var peers: PeerInterfaces
  private(set) var own = SelfTest()
  private var files: PeerFiles
  private var clock: ArrivalClock
  /// What our wall clock is ahead of UTC as heartbeats are read, in microseconds.
  private var zoneOffset: Int64 = 0
  private var zone: TimestampZone
  /// Up to when all that was sent to us has been heard, in monotonic nanoseconds.
  private var caughtUp: Int64
  /// When the kernel's drops were last looked at, and datagrams read since.
  private var lastDrops: Int64
  private var readSinceDrops = 0
  private var dropShare: DropShare

  var names: InterfaceNames { peers.names }

  /// - Parameters:
  ///   - capacity: `peers.max`.
  ///   - expected: `peers.expected`.
  ///   - interval: of heartbeats, in nanoseconds.
  ///   - zone: of the payloads' time.
  ///   - runtime: the directory for peers' files; nil for none.
  ///   - kept: what the process before left, if it did.
  ///   - isGapless: whether the receive socket was kept as well.
  init(
    capacity: Int, expected: [IPAddress] = [], interval: Int64 = 1_000_000_000, zone: TimestampZone,
    runtime: String?, kept: PeerCheckpoint?, isGapless: Bool
  ) {
    let now = MonotonicClock.now()
    self.zone = zone
    previousSenders = kept?.senders
    let silent = (kept?.silentExpected ?? []).compactMap { IPAddress($0) }
    let waited = ExpectedPeers(expected, interval: interval, silent: silent)
    if let kept {
      peers = PeerInterfaces(
        restoring: kept.snapshots, names: kept.names, capacity: capacity, expected: waited, at: now,
        isGapless: isGapless && kept.isComplete)
    } else {
      peers = PeerInterfaces(capacity: capacity, expected: waited)
    }
    peers.judgeExpected(now: now)
    files = PeerFiles(directory: PeerDirectory(runtime: runtime))
    clock = ArrivalClock(realtime: MonotonicClock.wallClock(), monotonic: now, emptyAt: .min)
    caughtUp = isGapless ? .min : now
    lastDrops = now
    dropShare = DropShare(at: now)
    files.restore(peers)
    readZone()
  }

  // MARK: What is listened to

  mutating func number(of interface: String) -> Int32 { peers.number(of: interface) }

  /// Which interfaces have no carrier.
  mutating func setWithoutCarrier(_ interfaces: Set<Int32>, now: Int64) {
    peers.setWithoutCarrier(interfaces, now: now)
  }

  /// The group is joined on these interfaces and no others.
  ///
  /// - Parameters:
  ///   - awaited: the names of those that are used when they are there; nil for any.
  ///   - now: monotonic nanoseconds.
  mutating func listen(on present: Set<Int32>, awaited: Set<String>?, now: Int64) {
    let gone = peers.listen(on: present, awaited: awaited, now: now)
    forgotten(gone)
  }

  /// Another configuration is in force. Whoever is not meant to be heard any more is forgotten, and not
  /// called silent.
  ///
  /// - Parameters:
  ///   - interval: of heartbeats, in nanoseconds.
  ///   - sources: from whom datagrams are accepted; empty for everybody.
  ///   - zone: of the payloads' time.
  mutating func apply(
    capacity: Int, expected: [IPAddress], interval: Int64, sources: [IPAddress], zone: TimestampZone
  ) {
    self.zone = zone
    readZone()
    peers.resize(capacity, now: MonotonicClock.now())
    let before = peers.expected.addresses
    peers.setExpected(peers.expected.replaced(by: expected, interval: interval))
    peers.judgeExpected(now: MonotonicClock.now())
    for address in before where !expected.contains(address) {
      files.update(PeerID(address: address, interface: 0), peers)
    }
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
  private mutating func forgotten(_ gone: [PeerID]) {
    for id in gone { files.update(id, peers) }
    if !gone.isEmpty { files.updateNetwork(peers) }
  }

  // MARK: A batch

  mutating func begin(now: Int64) {
    clock = ArrivalClock(realtime: MonotonicClock.wallClock(), monotonic: now, emptyAt: caughtUp)
    peers.share(now: now)
  }

  /// So many datagrams were read, whatever they were.
  mutating func noteRead(_ count: Int) { readSinceDrops += count }

  /// A heartbeat arrived.
  ///
  /// - Parameters:
  ///   - stamp: the time in its payload.
  ///   - received: nanoseconds of CLOCK_REALTIME.
  ///   - origin: whether one of our own senders sent it.
  /// - Returns: what there is to say of our own heartbeats.
  @inline(__always)
  mutating func heard(
    _ stamp: Heartbeat.Stamp, from source: Endpoint, on interface: Int32, received: Int64,
    _ origin: HeartbeatOrigin
  ) -> SelfTest.Event? {
    let arrival = clock.arrival(stamp: received)
    switch origin {
    case .peer: break
    case .loopback: return heardOwn(on: interface, port: source.port, at: arrival)
    // It came by the network, and says nothing of whether those that we send on this interface come back.
    case .otherInterface: return nil
    }
    let beat = HeartbeatArrival(
      arrival: arrival, stamp: stamp, received: received, zoneOffset: zoneOffset, port: source.port)
    peers.heard(beat, from: PeerID(address: source.address, interface: interface))
    return nil
  }

  /// A datagram arrived that is no heartbeat.
  @inline(__always)
  mutating func heardOther(from address: IPAddress, on interface: Int32, received: Int64) {
    peers.heardOther(
      from: PeerID(address: address, interface: interface), at: clock.arrival(stamp: received))
  }

  private mutating func heardOwn(on interface: Int32, port: UInt16, at arrival: Int64) -> SelfTest.Event? {
    if own.isDoubtful(on: interface), let since = own.unheardSince(on: interface) {
      peers.noteOutage(on: interface, from: since, to: arrival)
    }
    return own.heard(on: interface, port: port, at: arrival)
  }

  /// Everything that arrived before this moment has been given.
  mutating func emptied(at moment: Int64) { caughtUp = moment }

  /// A datagram with this stamp was the last of a batch that did not empty the socket.
  mutating func reached(stamp: Int64) { caughtUp = max(caughtUp, clock.arrival(stamp: stamp)) }

  // MARK: Judging

  /// The kernel dropped datagrams since this was last called.
  mutating func noteDrops(_ dropped: Int, now: Int64) {
    if dropped > 0 {
      peers.noteKernelDrops(dropped, read: readSinceDrops, from: lastDrops, to: now)
      own.noteKernelDrops()
    }
    dropShare.count(dropped: dropped, read: readSinceDrops)
    readSinceDrops = 0
    lastDrops = now
  }

  /// Whether too much was dropped since the last call to judge anybody; to be called once a second.
  mutating func judgeDrops(now: Int64) -> DropShare.Change? {
    let change = dropShare.judge(at: now)
    if let change { peers.note(change, since: dropShare.suspendedSince ?? now, now: now) }
    return change
  }

  /// Peers told of in one turn. Each is a file and an entry: thousands at once, as forged sources would have
  /// it, must not keep the loop from the socket.
  private static let peersInATurn = 100
  /// When the rest is told of, in nanoseconds.
  private static let untilNextTurn: Int64 = 10_000_000

  /// Judges as of the moment up to which everything has been heard, and brings the files to what is known.
  ///
  /// - Returns: what there is to say, of so many peers as a turn allows.
  mutating func judge() -> [PeerEvent<PeerID>] {
    let now = MonotonicClock.now()
    let unwanted = peers.judge(at: max(0, min(caughtUp, now)), now: now, own: own)
    let events = peers.takeEvents(limit: Self.peersInATurn)
    for event in events { files.follow(event, peers) }
    forgotten(unwanted)
    return events
  }

  /// Expected peers that became silent without ever having been heard.
  mutating func takeMissing() -> [IPAddress] {
    let missing = peers.takeMissing()
    for address in peers.expected.addresses {
      if let state = peers.expected.state(of: address) { files.noteExpected(address, state, peers) }
    }
    return missing
  }

  /// Sees to it that the files are what they should be; once a second.
  mutating func repairFiles() -> FileHealth.Change? { files.repair(peers) }

  /// When to judge next, in monotonic nanoseconds.
  var nextDeadline: Int64? {
    peers.hasEvents ? MonotonicClock.now() + Self.untilNextTurn : peers.nextDeadline
  }

  /// What keeps peers from being judged, and whether our own heartbeats come back.
  var conditions: [Condition] {
    // Where nobody was heard nobody is missed.
    let impediments = peers.impediments.filter {
      $0.impediment != .ownBeatsNotHeard
        && ($0.impediment != .interfaceGone || peers.counts(on: $0.interface).total > 0)
    }.map {
      Condition(kind: .init($0.impediment), interface: names.name(of: $0.interface), since: $0.since)
    }
    return impediments
      + own.missing.map {
        Condition(kind: .ownBeatsNotHeard, interface: names.name(of: $0.interface), since: $0.since)
      }
  }

  /// Once a second: a zone may have changed, and with it what our clock reads.
  mutating func readZone() {
    let now = MonotonicClock.wallClock() / 1_000_000_000
    let local = CivilTime(secondsSinceEpoch: now, microsecond: 0, zone: zone)
    zoneOffset = (local.secondsSinceEpochAsUTC - now) * 1_000_000
  }

  mutating func noteSent(_ times: [Int64], on interface: Int32) { own.sent(times, on: interface) }

  mutating func judgeOwn(now: Int64) -> SelfTest.Event? { own.judge(at: now) }

  mutating func expectOwn(on interfaces: Set<Int32>) { own.expect(on: interfaces) }

  /// What an heir needs.
  ///
  /// - Parameter group: whose peers they are; nil where nothing is received.
  func kept(isComplete: Bool, group: Endpoint?) -> PeerCheckpoint {
    PeerCheckpoint(
      group: group.map { "\($0)" }, namespace: NetworkNamespace.cookie,
      snapshots: peers.snapshots(at: MonotonicClock.now()), names: names,
      silentExpected: peers.expected.silent.map { "\($0)" }, isComplete: isComplete)
  }
}
