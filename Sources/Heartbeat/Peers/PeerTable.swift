// SPDX-License-Identifier: Apache-2.0

/// Who is there and who fell silent, told from their heartbeats.
///
/// A pure value: times are passed in, in nanoseconds of CLOCK_MONOTONIC. Beats are to be given in the order of their
/// arrival, and `judge(at:)` called only after all that waited in the socket was given, so that no stall of ours
/// accuses anyone. `ID` is what a peer is known by: an address on an interface, without the port.
///
/// Memory is bounded by `capacity` and a fixed table of sources that were heard once. A beat costs a look-up and no
/// allocation, a judgement the peers whose deadline came.
package struct PeerTable<ID: Hashable & Sendable>: Sendable {
  /// How many peers there may be. Where there are more, nobody is pushed out; new ones take the place of silent
  /// ones as long as there are too many.
  package var capacity: Int

  @usableFromInline package var index: [ID: Int32] = [:]
  @usableFromInline package var roster: PeerRoster
  private var ids: [ID] = []
  private var probation: Probation
  private var events: [PeerEvent<ID>] = []

  /// An empty table.
  ///
  /// - Parameters:
  ///   - capacity: `peers.max`.
  ///   - assumedInterval: What to expect at least of a peer of which fewer than eight gaps are known, in nanoseconds.
  package init(capacity: Int, assumedInterval: Int64 = 1_000_000_000) {
    self.capacity = max(1, capacity)
    roster = PeerRoster(assumed: assumedInterval)
    probation = Probation(
      capacity: 1 << (Int.bitWidth - (max(65_536, min(capacity, 1 << 24)) - 1).leadingZeroBitCount))
  }

  /// A heartbeat arrived that is not our own.
  @inlinable
  package mutating func heard(_ beat: Beat, from id: ID) {
    if let slot = index[id] {
      roster.heard(beat, slot: Int(slot))
      if roster.hasEvents { collect() }
    } else {
      meet(beat, from: id, hash: UInt64(bitPattern: Int64(id.hashValue)))
    }
  }

  /// A source that is not in the table: admitted on its second beat.
  @usableFromInline
  package mutating func meet(_ beat: Beat, from id: ID, hash: UInt64) {
    guard let gap = probation.note(hash: hash, at: beat.arrival) else { return }
    while index.count >= capacity {
      guard let silent = roster.longestSilent else {
        roster.noteRefusal()
        return
      }
      events.append(.forgotten(report(silent)))
      forget(silent)
      roster.remove(silent)
    }
    let slot = roster.admit(beat, gap: gap)
    if slot == ids.count { ids.append(id) } else { ids[slot] = id }
    index[id] = Int32(slot)
    collect()
  }

  /// The kernel dropped datagrams of ours: what peers miss meanwhile is ours, and their silence counts only as much
  /// as we could hear. To be called before the datagrams that came after the drops are given.
  ///
  /// - Parameters:
  ///   - dropped: How many were dropped.
  ///   - received: How many were not.
  ///   - start: When the counts were last read.
  ///   - end: When they were read now, or the arrival of the datagram that brought the count.
  package mutating func noteKernelDrops(_ dropped: Int, received: Int, from start: Int64, to end: Int64) {
    roster.clock.noteDrops(dropped, received: received, from: start, to: end)
  }

  /// Nothing could be heard, for the membership was not in force.
  package mutating func noteDeafness(from start: Int64, to end: Int64) {
    roster.clock.noteDeafness(from: start, to: end)
  }

  /// Judges whoever is due, and says what there is to say since the last call. Costs nothing when nobody is.
  package mutating func judge(at now: Int64) -> [PeerEvent<ID>] {
    roster.judge(at: now)
    if roster.hasEvents { collect() }
    guard !events.isEmpty else { return [] }
    defer { events.removeAll(keepingCapacity: true) }
    return events
  }

  /// When to judge next if no beat comes first; nil if nobody is to be judged. Rounded up to 50 ms, so that many
  /// peers share a wake-up.
  package var nextDeadline: Int64? {
    roster.nextDeadline.map { ($0 + 49_999_999) / 50_000_000 * 50_000_000 }
  }

  /// How many peers there are in each state.
  package var counts: PeerCounts { roster.counts }

  /// Whether all peers fell silent together, and none of them was heard since.
  package var isNetworkSilent: Bool { roster.isNetworkSilent }

  /// A peer, if it is in the table.
  package func report(of id: ID) -> PeerReport<ID>? {
    index[id].map { report(Int($0)) }
  }

  /// All peers, in no order.
  package func forEachPeer(_ body: (PeerReport<ID>) throws -> Void) rethrows {
    for slot in index.values { try body(report(Int(slot))) }
  }

  private func report(_ slot: Int) -> PeerReport<ID> {
    PeerReport(id: ids[slot], roster.peers[slot])
  }

  /// Takes in a peer of the run before.
  mutating func adopt(_ id: ID, _ peer: Peer) {
    index[id] = Int32(ids.count)
    roster.place(peer, in: ids.count)
    ids.append(id)
  }

  private mutating func forget(_ slot: Int) {
    index[ids[slot]] = nil
  }

  /// Puts names to the roster's events, before a place is given to another peer.
  @usableFromInline
  package mutating func collect() {
    for event in roster.events {
      switch event {
      case .discovered(let slot): events.append(.discovered(report(slot)))
      case .silent(let slot): events.append(.silent(report(slot)))
      case .back(let slot): events.append(.back(report(slot)))
      case .forgotten(let slot):
        events.append(.forgotten(report(slot)))
        forget(slot)
      case .networkSilent(let peers, let since): events.append(.networkSilent(peers: peers, since: since))
      case .networkHeard(let slot, let span): events.append(.networkHeard(by: ids[slot], silentFor: span))
      }
    }
    roster.events.removeAll(keepingCapacity: true)
  }
}
