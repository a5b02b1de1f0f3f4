// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// The liveness of a group: the peers of all interfaces, the expected ones that were never heard, our own
/// heartbeats, and what keeps any of them from being judged.
///
/// A pure value that reads no clock and no file. Times are in nanoseconds of CLOCK_MONOTONIC unless said
/// otherwise, interfaces go by their number in `InterfaceNames`.
package struct GroupLiveness: Sendable {
  /// What a judgement brings about.
  package struct Judgement: Sendable {
    /// Changes to report, in order.
    package var events: [PeerEvent<PeerID>]
    /// Peers that were removed without an event.
    package var forgotten: [PeerID]
  }

  /// The peers that were heard.
  package private(set) var interfaces: PeerInterfaces
  /// Whether our own heartbeats come back.
  package private(set) var selfTest = SelfTest()
  /// Peers that the configuration names and that were never heard.
  package private(set) var expected: ExpectedPeers
  private var clock: ArrivalClock
  /// How far our wall clock is ahead of UTC as payloads are read, in microseconds.
  private var zoneOffset: Int64 = 0
  /// Up to when all that arrived was given; `Int64.min` where that is not known.
  private var caughtUp: Int64
  /// How far CLOCK_REALTIME was ahead of CLOCK_MONOTONIC then, in nanoseconds.
  private var settledLead: Int64
  /// When this process began, while it reads what waited in a socket of which the previous one left no state;
  /// nil otherwise.
  private var unknownUntil: Int64?
  /// When the kernel's drops were last counted, and datagrams read since.
  private var lastDrops: Int64
  private var readSinceDrops = 0
  private var dropShare: DropShare

  /// Begins with these peers.
  ///
  /// - Parameters:
  ///   - interfaces: None, or those of the previous process.
  ///   - expected: `peers.expected`.
  ///   - realtime: CLOCK_REALTIME, in nanoseconds.
  ///   - now: CLOCK_MONOTONIC, in nanoseconds.
  ///   - isGapless: Whether the socket was kept, so that what waits in it may be older than `now`.
  package init(
    _ interfaces: PeerInterfaces, expected: ExpectedPeers, realtime: Int64, at now: Int64, isGapless: Bool
  ) {
    self.interfaces = interfaces
    self.expected = expected
    clock = ArrivalClock(realtime: realtime, monotonic: now, emptyAt: .min)
    caughtUp = isGapless ? interfaces.storedAt ?? .min : now
    settledLead = isGapless ? interfaces.storedLead ?? realtime - now : realtime - now
    unknownUntil = isGapless && interfaces.storedAt == nil ? now : nil
    // What was dropped while no process was there is counted at the first tick.
    lastDrops = isGapless ? interfaces.storedAt ?? now : now
    dropShare = DropShare(at: lastDrops)
    self.interfaces.expect(expected.subjects)
    judgeExpected(now: now)
  }

  // MARK: Configuration

  /// The number of an interface's name, a new one where it has none.
  package mutating func number(of name: String) -> Int32 { interfaces.number(of: name) }

  /// Frees the numbers of names that have had no peers for a minute and are none of these; to be called
  /// before interfaces are numbered.
  package mutating func releaseNames(except used: Set<Int32>, now: Int64) {
    interfaces.releaseNames(except: used, now: now)
  }

  /// The group is joined on these interfaces and no others.
  ///
  /// - Parameter awaited: The names of those that are used when they are there; nil for any.
  /// - Returns: The peers that are removed without an event.
  package mutating func listen(on present: Set<Int32>, awaited: Set<String>?, now: Int64) -> [PeerID] {
    interfaces.listen(on: present, awaited: awaited, now: now)
  }

  /// Which interfaces have no carrier.
  package mutating func setWithoutCarrier(_ numbers: Set<Int32>, now: Int64) {
    interfaces.setWithoutCarrier(numbers, now: now)
  }

  /// Changes `peers.max`, `peers.expected` and `peers.false-alarms`.
  ///
  /// - Parameters:
  ///   - interval: Of our own heartbeats, in nanoseconds.
  ///   - now: Nanoseconds of CLOCK_MONOTONIC.
  package mutating func configure(
    capacity: Int, expected subjects: [PeerSubject], falseAlarms: FalseAlarmRate, interval: Int64,
    now: Int64
  ) {
    interfaces.resize(capacity, now: now)
    interfaces.allow(falseAlarms, now: now)
    expected = expected.replaced(by: subjects, interval: interval)
    interfaces.expect(subjects)
    judgeExpected(now: now)
  }

  /// Removes peers without an event: they are not silent, but not to be heard any more.
  ///
  /// - Returns: The peers that are removed.
  package mutating func forget(where isUnwanted: (PeerReport<PeerID>) -> Bool) -> [PeerID] {
    interfaces.forget(where: isUnwanted)
  }

  /// Removes all peers without an event, for another group is listened to, or none.
  ///
  /// - Returns: The peers that are removed.
  package mutating func forgetAll() -> [PeerID] { interfaces.forgetAll() }

  /// How far our wall clock is ahead of UTC in the zone of the payloads, in microseconds.
  package mutating func setZoneOffset(_ offset: Int64) { zoneOffset = offset }

  // MARK: A batch of datagrams

  /// A batch is about to be read.
  ///
  /// - Parameters:
  ///   - realtime: CLOCK_REALTIME, in nanoseconds.
  ///   - now: CLOCK_MONOTONIC, in nanoseconds.
  package mutating func begin(realtime: Int64, now: Int64) {
    clock = ArrivalClock(realtime: realtime, monotonic: now, emptyAt: caughtUp, formerLead: settledLead)
    interfaces.share(now: now)
    // In a flood the socket is never empty.
    if let began = unknownUntil, now - began > LivenessRule.longestBacklog { unknownUntil = nil }
  }

  /// When a datagram of this batch arrived, in nanoseconds of CLOCK_MONOTONIC.
  ///
  /// - Parameter stamp: The kernel's receive stamp, in nanoseconds of CLOCK_REALTIME.
  package func arrival(stamp: Int64) -> Int64 { clock.arrival(stamp: stamp) }

  /// The same; nil where the clock may have been stepped since, so that nobody knows.
  package func knownArrival(_ stamp: Int64) -> Int64? {
    unknownUntil == nil ? clock.arrival(stamp: stamp) : nil
  }

  /// Whether there are so many peers that `lookAhead` saves time.
  package var isWorthLookingAhead: Bool { interfaces.isWorthLookingAhead }

  /// Begins to fetch where a peer is looked up.
  ///
  /// - Returns: The hash of the peer, for `prefetchPeer` and `heard`.
  package mutating func lookAhead(to peer: PeerID) -> UInt64 {
    let hash = interfaces.hash(of: peer)
    interfaces.prefetchIndex(hash: hash, on: peer.interface)
    return hash
  }

  /// Begins to fetch the peer of a datagram; better some datagrams after `lookAhead` to it.
  package mutating func prefetchPeer(hash: UInt64, on interface: Int32) {
    interfaces.prefetchPeer(hash: hash, on: interface)
  }

  /// When a sender wrote a heartbeat, in microseconds since the epoch, as it says.
  package func sentMicroseconds(_ stamp: Heartbeat.Stamp) -> Int64 {
    stamp.microseconds(zoneOffset: zoneOffset)
  }

  /// A heartbeat arrived. Allocates nothing for a peer that is known.
  ///
  /// - Parameters:
  ///   - outline: What it says.
  ///   - source: Where it came from.
  ///   - interface: The number of an interface on which the group is or was joined.
  ///   - received: The kernel's receive stamp, in nanoseconds of CLOCK_REALTIME.
  ///   - origin: Whether one of our own senders sent it.
  ///   - proof: What it proves; nil where it was not asked.
  ///   - hash: What `lookAhead` returned, where it was called.
  /// - Returns: A change of the self-test.
  package mutating func heard(
    _ outline: Heartbeat.Outline, from source: Endpoint, on interface: Int32, received: Int64,
    _ origin: HeartbeatOrigin, proof: Proof? = nil, hash: UInt64? = nil
  ) -> SelfTest.Event? {
    let arrival = clock.arrival(stamp: received)
    switch origin {
    // The clock may have been stepped since: when these arrived nobody knows, nor whether they are our own.
    case .peer where unknownUntil != nil: return nil
    case .peer: break
    case .loopback:
      return heardOwn(on: interface, as: outline.said?.host, proof, from: source, at: arrival)
    // It came by the network, and is no sign that those sent on this interface come back.
    case .otherInterface: return nil
    }
    interfaces.heard(
      HeartbeatArrival(
        arrival: arrival, outline, received: received, zoneOffset: zoneOffset, source: source,
        proof: proof),
      from: PeerID(outline.said, from: source.address, interface: interface), hash: hash)
    return nil
  }

  /// A heartbeat of a peer, as `heard(_:from:on:received:_:)` makes it of a datagram.
  mutating func heard(_ beat: HeartbeatArrival, from id: PeerID) { interfaces.heard(beat, from: id) }

  /// A datagram arrived that is no heartbeat.
  ///
  /// - Parameter received: The kernel's receive stamp, in nanoseconds of CLOCK_REALTIME.
  package mutating func heardOther(from address: IPAddress, on interface: Int32, received: Int64) {
    interfaces.heardOther(
      from: PeerID(address: address, interface: interface), at: clock.arrival(stamp: received))
  }

  /// A heartbeat of another host arrived that uses the name of a peer, and does not count.
  package mutating func heardNamesake(_ said: Announcement?, from source: Endpoint, on interface: Int32) {
    interfaces.noteNamesake(
      of: PeerID(said, from: source.address, interface: interface), at: source.address)
  }

  private mutating func heardOwn(
    on interface: Int32, as name: HostName?, _ proof: Proof?, from source: Endpoint, at arrival: Int64
  ) -> SelfTest.Event? {
    if selfTest.isDoubtful(on: interface), let since = selfTest.unheardSince(on: interface) {
      interfaces.noteOutage(on: interface, from: since, to: arrival)
    }
    return selfTest.heard(on: interface, as: name, proof: proof, from: source, at: arrival)
  }

  /// So many datagrams of any kind were read.
  package mutating func noteRead(_ count: Int) { readSinceDrops += count }

  /// Everything that arrived before this moment was given.
  package mutating func emptied(at moment: Int64) {
    caughtUp = moment
    settledLead = clock.lead
    unknownUntil = nil
  }

  /// A datagram with this stamp, in nanoseconds of CLOCK_REALTIME, was the last of a batch that did not empty
  /// the socket.
  package mutating func reached(stamp: Int64) {
    caughtUp = max(caughtUp, clock.arrival(stamp: stamp))
  }

  // MARK: Kernel drops

  /// The kernel dropped so many datagrams since this was last called.
  package mutating func noteDrops(_ dropped: Int, now: Int64) {
    if dropped > 0 {
      interfaces.noteKernelDrops(dropped, read: readSinceDrops, from: lastDrops, to: now)
      selfTest.noteKernelDrops()
    }
    dropShare.count(dropped: dropped, read: readSinceDrops)
    readSinceDrops = 0
    lastDrops = now
  }

  /// Whether too much was dropped since the last call to judge any peer; to be called about once a second.
  package mutating func judgeDrops(now: Int64) -> DropShare.Change? {
    let change = dropShare.judge(at: now)
    if let change { interfaces.note(change, since: dropShare.suspendedSince ?? now, now: now) }
    return change
  }

  // MARK: Our own heartbeats

  /// Our own heartbeats should come back on these interfaces and no others.
  package mutating func expectOwn(on numbers: Set<Int32>, now: Int64) {
    selfTest.expect(on: numbers, at: now)
  }

  /// Our own heartbeats left on an interface at these times.
  package mutating func noteSent(_ times: [Int64], on interface: Int32) {
    selfTest.sent(times, on: interface)
  }

  /// Judges our own heartbeats; see `SelfTest.judge`.
  package mutating func judgeOwn(now: Int64) -> SelfTest.Event? { selfTest.judge(at: now) }

  // MARK: Judging

  /// Judges as of the moment up to which everything was given.
  ///
  /// - Parameter limit: Of how many peers to report at most; the rest waits for the next call.
  package mutating func judge(now: Int64, limit: Int) -> Judgement {
    let moment = max(0, min(caughtUp, now))
    let forgotten = interfaces.judge(at: moment, now: now, selfTest: selfTest)
    judgeExpected(now: now)
    return Judgement(events: interfaces.takeEvents(limit: limit), forgotten: forgotten)
  }

  private mutating func judgeExpected(now: Int64) {
    guard !expected.subjects.isEmpty else { return }
    let known = interfaces.known(of: expected.subjects)
    expected.judge(at: now, canHear: interfaces.canHear, isKnown: known.contains)
  }

  /// Expected peers never heard whose state changed since the last call; nil for one that was heard, or is
  /// expected no longer.
  package mutating func takeExpectedChanges() -> [(subject: PeerSubject, state: PeerState?)] {
    expected.takeChanges()
  }

  /// Whether there is something to tell at the next judgement; mutating as `PeerInterfaces.divide` is.
  package mutating func hasEvents() -> Bool { interfaces.hasEvents() }

  /// When to judge next; nil if no peer is to be judged.
  package var nextDeadline: Int64? { interfaces.nextDeadline }

  // MARK: Reading

  /// State handed to the next process, by interface number.
  package func snapshots(at now: Int64) -> [Int: PeerSnapshot<PeerID>] {
    interfaces.snapshots(at: now).mapValues { snapshot in
      var snapshot = snapshot
      snapshot.lead = settledLead
      return snapshot
    }
  }

  /// The names of the interfaces.
  package var names: InterfaceNames { interfaces.names }

  /// How many peers there are, expected ones that were never heard included.
  package var counts: PeerCounts { expected.counts + interfaces.counts }

  /// What keeps peers from being judged, and whether our own heartbeats come back.
  package var conditions: [Condition] {
    // Where no peer was heard none is missing.
    let impediments = interfaces.impediments.filter {
      $0.impediment != .ownBeatsNotHeard
        && ($0.impediment != .interfaceGone || interfaces.counts(on: $0.interface).total > 0)
    }.map { (Condition.Kind($0.impediment), $0.interface, $0.since) }
    let missing = selfTest.missing.map { (Condition.Kind.ownBeatsNotHeard, $0.interface, $0.since) }
    return (impediments + missing).map { kind, interface, since in
      Condition(kind: kind, interface: names.name(of: interface), since: since)
    }
  }
}
