// SPDX-License-Identifier: Apache-2.0

import Platform

/// The peers of a table by slot, without their identities. Not generic, so that it is compiled once and the
/// table's part of the hot path stays small.
package struct PeerRoster: Sendable {
  /// A change of all peers together, with slots in place of identities: `PeerTable` makes a `PeerEvent` of
  /// it.
  enum NetworkChange: Sendable {
    case silent(peers: Int, last: Int, since: Int64)
    case heard(by: Int, at: Int64, silentFor: Int64)
  }

  /// By slot, also those that are free.
  var peers: [Peer] = []
  /// How many listed peers are in each state.
  var counts = PeerCounts()
  /// The clock that deadlines run on.
  var clock = ListeningClock()
  /// Since when each impediment is in force, in nanoseconds of CLOCK_MONOTONIC.
  package private(set) var impediments: [Impediment: Int64] = [:]
  /// Whether one of them is a fault of this host, so that what was missed meanwhile is no loss of the
  /// network.
  private var isImpedimentOurs = false
  /// Changes that were not taken yet; at most one of each kind comes of one judgement.
  var networkChanges: [NetworkChange] = []
  /// Peers whose change is to be reported.
  var announcements = Announcements()
  /// Slots of peers that were silent for a day: to be removed.
  var expired: [Int] = []
  /// Which peer gives up its place.
  var eviction = Eviction()
  /// The peers that the configuration names, by slot: they do not count against the capacity.
  private(set) var expected: Set<Int> = []
  /// Names that two senders use from now on, and where the other one sends from; not told yet.
  var contests: [(slot: Int, other: IPAddress)] = []

  /// When to judge peers that are not silent, and when to forget those that are, in nanoseconds of the
  /// listening clock.
  var verdicts = DeadlineHeap()
  var silents = DeadlineHeap()
  private var free: [Int] = []
  /// False alarms a year that are allowed for each peer.
  private(set) var share = FalseAlarmRate.standard.perYear
  /// The first slot that is still to be reviewed for it.
  var reviewFrom = 0
  /// The last beat of any peer, in nanoseconds of the listening clock and of CLOCK_MONOTONIC.
  var latestListening = Self.never
  var latestHeard = Self.never
  /// Before every time, and far enough from the end of its type to be subtracted.
  static let never: Int64 = -(1 << 61)

  /// Whether the network as a whole is silent.
  var isNetworkSilent: Bool { impediments[.networkSilent] != nil }

  /// Whether anything changed that is not reported yet.
  package var hasEvents: Bool { !networkChanges.isEmpty || !announcements.isEmpty || !contests.isEmpty }

  /// The next deadline, in nanoseconds of CLOCK_MONOTONIC.
  var nextDeadline: Int64? {
    let first = min(verdicts.first?.deadline ?? .max, silents.first?.deadline ?? .max)
    return first == .max ? nil : clock.time(of: first)
  }

  // MARK: Beats

  /// A beat of a peer.
  package mutating func heard(_ beat: HeartbeatArrival, slot: Int) {
    if !impediments.isEmpty { endImpediments(by: slot, at: beat.arrival) }
    let listening = clock.reading(at: beat.arrival)
    let hearing = peers[slot].hear(
      beat, listening: listening, dropsUntil: clock.dropsNotedUntil, share: share)
    noteLatest(listening: peers[slot].lastListening, arrival: beat.arrival)
    if hearing.isEstablishedNow { eviction.note(peers[slot], slot: slot) }
    if hearing.isContestedNow { noteContest(slot: slot, by: beat.address) }
    if let change = hearing.change { return finish(change, slot: slot) }
    if peers[slot].state.isGone {
      silents.set(peers[slot].deadline, for: slot)
      eviction.note(peers[slot], slot: slot)
    } else if hearing.bringsDeadlineForward {
      // Only a shorter interval brings a deadline forward; one that moved away is found when the old one
      // comes.
      arm(slot)
    }
  }

  /// A datagram of a peer that is no heartbeat.
  package mutating func heardOther(slot: Int, at arrival: Int64) {
    peers[slot].noteOther(at: arrival)
  }

  /// Another sender with the name of a peer is there, whose heartbeats do not count.
  ///
  /// - Returns: Whether that is to be told.
  mutating func noteNamesake(slot: Int, at address: IPAddress) -> Bool {
    let wasContested = peers[slot].sequence.isContested
    peers[slot].sequence.noteNamesake()
    guard peers[slot].sequence.isContested, !wasContested else { return false }
    noteContest(slot: slot, by: address)
    return true
  }

  /// Names used twice that are told in one turn; of more nothing is told.
  private static let contestsAtOnce = 100

  private mutating func noteContest(slot: Int, by other: IPAddress) {
    if contests.count < Self.contestsAtOnce { contests.append((slot, other)) }
  }

  private mutating func finish(_ change: Peer.Change, slot: Int) {
    switch change {
    case .recovered(let state), .left(let state): count(state, -1)
    case .back: count(.silent, -1)
    case .returned: count(.left, -1)
    }
    count(peers[slot].state, 1)
    eviction.note(peers[slot], slot: slot)
    if change != .recovered(from: .late) { announce(slot) }
    watch(slot)
  }

  /// Sets when the peer in a slot is judged or forgotten.
  private mutating func watch(_ slot: Int) {
    if peers[slot].state.isGone {
      verdicts.remove(slot)
      silents.set(peers[slot].deadline, for: slot)
    } else {
      silents.remove(slot)
      arm(slot)
    }
  }

  private mutating func noteLatest(listening: Int64, arrival: Int64) {
    latestListening = max(latestListening, listening)
    latestHeard = max(latestHeard, arrival)
  }

  // MARK: Places

  /// Takes a peer in, on its second beat.
  ///
  /// - Parameters:
  ///   - missing: How many are missing between the two, by their numbers.
  ///   - sequence: Their numbers.
  mutating func admit(
    _ beat: HeartbeatArrival, gap: Int64, missing: UInt32, _ sequence: BeatSequence, isExpected: Bool
  ) -> Int {
    let slot = free.popLast() ?? peers.count
    if !impediments.isEmpty { endImpediments(by: slot, at: beat.arrival) }
    let listening = clock.reading(at: beat.arrival)
    var peer = Peer(beat, gap: gap, missing: missing, sequence, listening: listening)
    peer.isExpected = isExpected
    place(peer, in: slot)
    noteLatest(listening: listening, arrival: beat.arrival)
    announce(slot)
    return slot
  }

  /// The newcomer that gives up its place first.
  mutating func firstNewcomer(at now: Int64) -> Int? { eviction.firstNewcomer(at: now, peers) }

  /// Counts a source that found no place.
  mutating func noteRefusal() {
    counts.refused = min(counts.refused, .max - 1) + 1
  }

  /// Removes a peer; its place is given to the next one.
  ///
  /// - Returns: Whether it was ever reported.
  @discardableResult
  mutating func remove(_ slot: Int) -> Bool {
    defer { announcements.set(.nothing, of: slot) }
    peers[slot].isListed = false
    expected.remove(slot)
    contests.removeAll { $0.slot == slot }
    count(peers[slot].state, -1)
    verdicts.remove(slot)
    silents.remove(slot)
    eviction.remove(slot)
    free.append(slot)
    return announcements.reported(of: slot) != .nothing
  }

  /// Puts a peer in a free slot, or in the next new one.
  mutating func place(_ peer: Peer, in slot: Int) {
    if slot == peers.count { peers.append(peer) } else { peers[slot] = peer }
    if peer.isExpected { expected.insert(slot) }
    count(peer.state, 1)
    eviction.note(peer, slot: slot)
    watch(slot)
  }

  /// The configuration names a peer, or does not any more.
  mutating func setExpected(_ isExpected: Bool, slot: Int) {
    guard peers[slot].isExpected != isExpected else { return }
    peers[slot].isExpected = isExpected
    if isExpected { expected.insert(slot) } else { expected.remove(slot) }
    eviction.note(peers[slot], slot: slot)
  }

  /// Another share is allowed: all peers are reviewed, some in each judgement.
  ///
  /// - Parameter share: False alarms a year of one peer.
  mutating func allow(_ share: Double) {
    guard share != self.share else { return }
    (self.share, reviewFrom) = (share, 0)
  }

  /// Notes that the peer in a slot has changed.
  mutating func announce(_ slot: Int) {
    announcements.note(slot, isEstablished: peers[slot].isEstablished)
  }

  /// Sets when the peer in a slot is judged next.
  mutating func arm(_ slot: Int) {
    let deadline = peers[slot].deadline
    peers[slot].armed = deadline
    verdicts.set(deadline, for: slot)
  }

  /// Counts a peer that enters or leaves a state.
  mutating func count(_ state: PeerState, _ difference: Int) {
    switch state {
    case .alive: counts.alive += difference
    case .late: counts.late += difference
    case .silent: counts.silent += difference
    case .left: counts.left += difference
    case .unknown: counts.unknown += difference
    }
  }

  // MARK: Impediments

  /// No peer can be judged from a moment on: the listening clock stands still at it.
  ///
  /// - Parameter since: Nanoseconds of CLOCK_MONOTONIC.
  mutating func suspend(_ impediment: Impediment, since: Int64) {
    guard impediments[impediment] == nil else { return }
    impediments[impediment] = since
    isImpedimentOurs = isImpedimentOurs || impediment != .networkSilent
    clock.stop(at: clock.reading(at: since))
  }

  /// One impediment is over. When all are, every peer has the time again that was left when the first began.
  ///
  /// - Parameter now: Nanoseconds of CLOCK_MONOTONIC.
  mutating func resume(_ impediment: Impediment, at now: Int64) {
    guard impediments.removeValue(forKey: impediment) != nil, impediments.isEmpty else { return }
    clock.goOn(at: now, isOurFault: isImpedimentOurs)
    isImpedimentOurs = false
    settle(at: now)
  }

  /// Nothing could be received between two times, in nanoseconds of CLOCK_MONOTONIC.
  mutating func noteOutage(from start: Int64, to end: Int64) {
    clock.noteOutage(from: start, to: end)
    settle(at: end)
  }

  /// The clock went back: nobody's time begins after its reading, and nobody is judged later than is due.
  private mutating func settle(at now: Int64) {
    let reading = clock.reading(at: now)
    latestListening = min(latestListening, reading)
    for slot in peers.indices where peers[slot].isListed && !peers[slot].state.isGone {
      peers[slot].begin(at: reading)
      if peers[slot].deadline < peers[slot].armed { arm(slot) }
    }
  }

  /// A beat of a peer shows that the network is not silent, and that this host receives although its own
  /// beats do not come back.
  private mutating func endImpediments(by slot: Int, at arrival: Int64) {
    if isNetworkSilent {
      let silentFor = max(0, arrival - latestHeard)
      resume(.networkSilent, at: arrival)
      networkChanges.append(.heard(by: slot, at: arrival, silentFor: silentFor))
    }
    resume(.ownBeatsNotHeard, at: arrival)
  }
}
