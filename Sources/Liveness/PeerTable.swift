// SPDX-License-Identifier: Apache-2.0

import Platform

/// The peers of one network: which are there and which fell silent, by their heartbeats.
///
/// A pure value: times are passed in, in nanoseconds of CLOCK_MONOTONIC. Beats are to be given in the order
/// of their arrival, and `judge(at:)` called only after all that waited in the socket was given, so that no
/// stall of the daemon makes a peer silent. `ID` is the identity of a peer, `PeerID` in the daemon.
///
/// Memory is bounded by `capacity` and a fixed table of sources that were heard once. A beat costs a look-up
/// and no allocation, a judgement the peers whose deadline came.
package struct PeerTable<ID: Hashable & Sendable>: Sendable {
  /// How many peers there may be, beside those that are expected. In a full table new ones take the place of
  /// the least established (`Eviction`).
  package var capacity: Int
  /// Whether to ask for room in other tables, which share the capacity, before an established peer is
  /// evicted.
  var mayAskForRoom = false
  /// Whether a source found no place although there may be one in another table.
  private var asksForRoom = false

  /// The slots of the peers.
  private var index = PeerIndex()
  /// The peers, by slot.
  var roster = PeerRoster()
  private(set) var ids: [ID] = []
  private var probation: Probation
  private let hash: @Sendable (ID) -> UInt64
  /// Whether the configuration names a peer, by its identity and address.
  private var isExpected: @Sendable (ID, IPAddress) -> Bool = { _, _ in false }
  /// Events of peers that are not in the table any more. Between two calls of `takeEvents` each slot is in it
  /// once, for the next peer in it is not reported before.
  var departed: [PeerEvent<ID>] = []

  /// An empty table.
  ///
  /// - Parameters:
  ///   - capacity: `peers.max`.
  ///   - hash: Of an identity; by default seeded for the process, so that no sender can choose it. A
  ///     simulation gives its own, for the same run each time.
  package init(
    capacity: Int, hash: @escaping @Sendable (ID) -> UInt64 = { UInt64(bitPattern: Int64($0.hashValue)) }
  ) {
    self.capacity = max(1, capacity)
    self.hash = hash
    probation = Probation(
      capacity: 1 << (Int.bitWidth - (max(65_536, min(capacity, 1 << 24)) - 1).leadingZeroBitCount))
  }

  // MARK: Beats

  /// A heartbeat arrived that is not our own.
  ///
  /// - Returns: Whether it changed nothing: it is of a peer that was in the table, and nothing is to be told.
  @discardableResult
  package mutating func heard(_ beat: HeartbeatArrival, from id: ID) -> Bool {
    heard(beat, from: id, hash: hash(id))
  }

  /// The same for who knows the hash of the identity.
  mutating func heard(_ beat: HeartbeatArrival, from id: ID, hash: UInt64) -> Bool {
    guard let slot = slot(of: id, hash: hash) else {
      admitIfSecondBeat(beat, from: id, hash: hash)
      return false
    }
    roster.heard(beat, slot: slot)
    return !roster.hasEvents
  }

  /// A datagram arrived that is no heartbeat; of a peer it is remembered.
  package mutating func heardOther(from id: ID, at arrival: Int64) {
    if let slot = slot(of: id) { roster.heardOther(slot: slot, at: arrival) }
  }

  /// Another sender with the identity of a peer is there, whose heartbeats do not count.
  ///
  /// - Returns: Whether that is to be told.
  mutating func noteNamesake(of id: ID, at address: IPAddress) -> Bool {
    slot(of: id).map { roster.noteNamesake(slot: $0, at: address) } ?? false
  }

  private func slot(of id: ID) -> Int? { index.count == 0 ? nil : slot(of: id, hash: hash(id)) }

  private func slot(of id: ID, hash: UInt64) -> Int? { index.slot(hash: hash) { ids[$0] == id } }

  /// Begins to fetch what `prefetchPeer` reads.
  mutating func prefetchIndex(hash: UInt64) { index.prefetch(hash: hash) }

  /// Begins to fetch what `heard` reads; mutating for the sake of `PeerInterfaces.divide`.
  mutating func prefetchPeer(hash: UInt64) {
    guard let slot = index.slot(hash: hash, where: { _ in true }) else { return }
    ids.prefetch(slot)
    roster.peers.prefetch(slot)
  }

  /// A beat of a source that is not in the table.
  private mutating func admitIfSecondBeat(_ beat: HeartbeatArrival, from id: ID, hash: UInt64) {
    // Who leaves before it was known is not worth knowing.
    guard !beat.said.isGoodbye,
      let first = probation.note(
        hash: hash, number: beat.said.sequence, at: beat.arrival)
    else { return }
    var (sequence, missing) = (BeatSequence(), UInt32(0))
    if beat.said.isNumbered { missing = sequence.begin(beat.said, after: first) }
    let isExpected = isExpected(id, beat.address)
    guard isExpected || makeRoom(at: beat.arrival) else { return roster.noteRefusal() }
    let slot = roster.admit(beat, gap: first.gap, missing: missing, sequence, isExpected: isExpected)
    if slot == ids.count { ids.append(id) } else { ids[slot] = id }
    index.insert(slot, hash: hash)
  }

  private mutating func makeRoom(at now: Int64) -> Bool {
    while index.count - roster.expected.count >= capacity {
      if let newcomer = roster.firstNewcomer(at: now) {
        remove(newcomer) { .evicted($0) }
      } else if mayAskForRoom {
        asksForRoom = true
        return false
      } else if let silent = roster.eviction.firstEstablished {
        remove(silent) { .evicted($0) }
      } else {
        return false
      }
    }
    return true
  }

  /// Evicts a peer that is not established, to make room in another table.
  ///
  /// - Returns: Whether there was one.
  mutating func evictNewcomer(at now: Int64) -> Bool {
    guard let slot = roster.firstNewcomer(at: now) else { return false }
    remove(slot) { .evicted($0) }
    return true
  }

  /// Whether there was a request for room since the last call.
  mutating func takeRequest() -> Bool {
    defer { asksForRoom = false }
    return asksForRoom
  }

  /// Adds the number of peers; mutating for the sake of `PeerInterfaces.divide`.
  mutating func addCount(to total: inout Int) { total += roster.counts.total }

  /// As `hasEvents`; mutating for the same reason.
  mutating func addEvents(to any: inout Bool) { any = any || hasEvents }

  /// Takes its share of a capacity: what the peers of other tables leave of it.
  ///
  /// - Parameter total: The peers of all tables.
  mutating func share(_ whole: Int, among total: Int) {
    let own = roster.counts.total
    capacity = max(1, whole - (total - own))
    mayAskForRoom = own < total
  }

  /// Changes how many false alarms a year are allowed for each peer.
  mutating func allow(_ share: Double) { roster.allow(share) }

  /// Removes a peer, with an event where it was ever reported.
  private mutating func remove(_ slot: Int, _ event: (PeerReport<ID>) -> PeerEvent<ID>) {
    let report = report(slot)
    index.remove(slot, hash: hash(ids[slot]))
    if roster.remove(slot) { departed.append(event(report)) }
  }

  // MARK: Impediments

  /// The kernel dropped datagrams: beats that are missing meanwhile are no loss of the peers, and timeouts
  /// run only for the share that was received. To be called before the datagrams that came after the drops
  /// are given.
  ///
  /// - Parameters:
  ///   - dropped: How many datagrams were dropped, whatever they were.
  ///   - read: How many were read from the same socket, whatever they were.
  ///   - start: When the counts were last read.
  ///   - end: When they were read now, or the arrival of the datagram that brought the count.
  package mutating func noteKernelDrops(_ dropped: Int, read: Int, from start: Int64, to end: Int64) {
    roster.clock.noteDrops(dropped, received: read, from: start, to: end)
  }

  /// Nothing could be received between two times.
  mutating func noteOutage(from start: Int64, to end: Int64) {
    roster.noteOutage(from: start, to: end)
  }

  /// No peer can be judged from a moment on. Those that are not heard become unknown.
  package mutating func suspend(_ impediment: Impediment, since: Int64) {
    roster.suspend(impediment, since: since)
  }

  /// One of the impediments is over.
  package mutating func resume(_ impediment: Impediment, at now: Int64) {
    roster.resume(impediment, at: now)
  }

  /// What keeps peers from being judged, and since when.
  var impediments: [Impediment: Int64] { roster.impediments }

  /// When a peer was last heard; nil before the first.
  var latestHeard: Int64? { roster.latestHeard == PeerRoster.never ? nil : roster.latestHeard }

  /// Which peers the configuration names, by identity and address.
  package mutating func expect(_ isExpected: @escaping @Sendable (ID, IPAddress) -> Bool) {
    self.isExpected = isExpected
    for slot in listed { roster.setExpected(isExpected(ids[slot], roster.peers[slot].address), slot: slot) }
  }

  /// Those of them that are in the table, with their addresses.
  var expected: [(id: ID, address: IPAddress)] {
    roster.expected.map { (ids[$0], roster.peers[$0].address) }
  }

  // MARK: Judging

  /// Judges the peers whose deadline has come. Costs nothing where there are none.
  ///
  /// - Parameters:
  ///   - now: Nanoseconds of CLOCK_MONOTONIC.
  ///   - hearsItself: False while it is doubtful whether our own heartbeats come back.
  package mutating func judge(at now: Int64, hearsItself: Bool) {
    roster.judge(at: now, hearsItself: hearsItself)
    for slot in roster.expired { remove(slot) { .forgotten($0) } }
    roster.expired.removeAll(keepingCapacity: true)
  }

  /// When to judge next if no beat comes first, in nanoseconds of CLOCK_MONOTONIC; nil if no peer is to be
  /// judged. Rounded up, so that many peers share a wake-up.
  package var nextDeadline: Int64? {
    roster.nextDeadline.map {
      ($0 + LivenessRule.wakeUpStep - 1) / LivenessRule.wakeUpStep * LivenessRule.wakeUpStep
    }
  }

  // MARK: Reading

  /// How many peers there are in each state.
  package var counts: PeerCounts { roster.counts }

  /// Whether all peers fell silent together, and none of them was heard since.
  var isNetworkSilent: Bool { roster.isNetworkSilent }

  /// A peer, if it is in the table.
  package func report(of id: ID) -> PeerReport<ID>? {
    slot(of: id).map { report($0) }
  }

  /// How many beats of a peer may be missing, and why.
  func explanation(of id: ID) -> Patience.Explanation? {
    slot(of: id).map {
      roster.peers[$0].tolerance.explanation(interval: roster.peers[$0].interval, share: roster.share)
    }
  }

  /// All peers.
  package func forEachPeer(_ body: (PeerReport<ID>) throws -> Void) rethrows {
    for slot in listed { try body(report(slot)) }
  }

  /// The slots of all peers. In their order, since that of `index` is another in every process.
  private var listed: [Int] { roster.peers.indices.filter { roster.peers[$0].isListed } }

  /// What is stored of each peer.
  var entries: [PeerSnapshot<ID>.Entry] {
    listed.map { slot in
      let peer = roster.peers[slot]
      let reported = roster.announcements.reported(of: slot)
      return .init(
        id: ids[slot], peer: peer, reported: reported == peer.state.reported ? nil : reported.rawValue)
    }
  }

  /// Places in the table, taken or free. A peer keeps its place while it is in the table.
  var slotCount: Int { roster.peers.count }

  /// The peers in some of the places.
  func reports(inSlots slots: Range<Int>) -> [PeerReport<ID>] {
    slots.clamped(to: 0..<slotCount).compactMap { roster.peers[$0].isListed ? report($0) : nil }
  }

  func report(_ slot: Int) -> PeerReport<ID> {
    PeerReport(
      id: ids[slot], roster.peers[slot], told: roster.announcements.reported(of: slot).state)
  }

  /// Removes peers without an event, e.g. because the configuration accepts them no longer.
  mutating func forget(where isUnwanted: (PeerReport<ID>) -> Bool) {
    for slot in listed where isUnwanted(report(slot)) {
      roster.remove(slot)
      index.remove(slot, hash: hash(ids[slot]))
    }
  }

  /// Makes room for so many peers, which `adopt` brings.
  mutating func reserve(_ count: Int) {
    ids.reserveCapacity(count)
    roster.peers.reserveCapacity(count)
  }

  /// Takes over a peer of the previous run.
  ///
  /// - Parameter reported: What was reported of it, where that is not its state, so that the change is still
  ///   to be reported.
  mutating func adopt(_ id: ID, _ peer: Peer, reported: Announcements.Reported?) {
    let slot = ids.count
    index.insert(slot, hash: hash(id))
    roster.place(peer, in: slot)
    roster.announcements.set(reported ?? peer.state.reported, of: slot)
    ids.append(id)
    if let reported, reported != peer.state.reported { roster.announce(slot) }
  }
}
