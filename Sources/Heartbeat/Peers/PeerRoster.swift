// SPDX-License-Identifier: Apache-2.0

/// The peers by number, whoever they are: what `PeerTable` is apart from names. Not generic, so that it is compiled
/// once and the table's part on the hot path stays small.
package struct PeerRoster: Sendable {
  enum Event: Sendable {
    case discovered(Int)
    case silent(Int)
    case back(Int)
    case forgotten(Int)
    case networkSilent(peers: Int, since: Int64)
    case networkHeard(by: Int, silentFor: Int64)
  }

  var peers: [Peer] = []
  var counts = PeerCounts()
  var clock = AudibleClock()
  var events: [Event] = []
  /// The interval to assume of a peer that is hardly known, in nanoseconds.
  let assumed: Int64

  /// When to judge peers that are not silent, and when to forget those that are, on the audible clock.
  var verdicts = DeadlineHeap()
  var silents = DeadlineHeap()
  private var free: [Int] = []
  /// The last beat of any peer, on the audible clock and in nanoseconds of CLOCK_MONOTONIC.
  var latestAudible: Int64 = .min
  var latestHeard: Int64 = .min

  init(assumed: Int64) {
    self.assumed = assumed
  }

  /// Whether the network as a whole is silent.
  var isNetworkSilent: Bool { clock.stoppedAt != nil }

  /// Whether there is something to say.
  package var hasEvents: Bool { !events.isEmpty }

  /// The peer that has been silent for the longest time.
  var longestSilent: Int? { silents.first?.slot }

  /// The next deadline, in nanoseconds of CLOCK_MONOTONIC.
  var nextDeadline: Int64? {
    let first = min(verdicts.first?.deadline ?? .max, silents.first?.deadline ?? .max)
    return first == .max ? nil : clock.time(of: first)
  }

  /// A beat of a peer.
  package mutating func heard(_ beat: Beat, slot: Int) {
    if isNetworkSilent { endNetworkSilence(by: slot, at: beat.arrival) }
    let audible = clock.reading(at: beat.arrival)
    let change = peers[slot].hear(
      beat, audible: audible, assumed: assumed, dropsUntil: clock.dropsNotedUntil)
    guard change == .nothing else { return finish(change, slot: slot) }
    noteLatest(audible: audible, arrival: beat.arrival)
    if peers[slot].state == .silent {
      silents.set(peers[slot].deadline, for: slot)
    } else if peers[slot].deadline < peers[slot].armed {
      // Only a shorter interval brings a deadline forward; one that moves away is seen when the old one comes.
      arm(slot)
    }
  }

  private mutating func finish(_ change: Peer.Change, slot: Int) {
    noteLatest(audible: peers[slot].lastAudible, arrival: peers[slot].lastHeard)
    counts.alive += 1
    if change == .back {
      counts.silent -= 1
      silents.remove(slot)
      events.append(.back(slot))
    } else {
      counts.late -= 1
    }
    arm(slot)
  }

  private mutating func noteLatest(audible: Int64, arrival: Int64) {
    latestAudible = audible
    latestHeard = max(latestHeard, arrival)
  }

  /// Takes a peer in, on its second beat.
  mutating func admit(_ beat: Beat, gap: Int64) -> Int {
    let slot = free.popLast() ?? peers.count
    if isNetworkSilent { endNetworkSilence(by: slot, at: beat.arrival) }
    let audible = clock.reading(at: beat.arrival)
    place(Peer(beat, gap: gap, audible: audible, assumed: assumed), in: slot)
    noteLatest(audible: audible, arrival: beat.arrival)
    events.append(.discovered(slot))
    return slot
  }

  mutating func noteRefusal() {
    counts.refused &+= 1
  }

  /// Takes a peer out; its place is given to the next one.
  mutating func remove(_ slot: Int) {
    peers[slot].isListed = false
    count(peers[slot].state, -1)
    verdicts.remove(slot)
    silents.remove(slot)
    free.append(slot)
  }

  mutating func place(_ peer: Peer, in slot: Int) {
    if slot == peers.count { peers.append(peer) } else { peers[slot] = peer }
    count(peer.state, 1)
    if peer.state == .silent { silents.set(peer.deadline, for: slot) } else { arm(slot) }
  }

  mutating func arm(_ slot: Int) {
    let deadline = peers[slot].deadline
    peers[slot].armed = deadline
    verdicts.set(deadline, for: slot)
  }

  private mutating func count(_ state: PeerState, _ difference: Int) {
    switch state {
    case .new: break
    case .alive: counts.alive += difference
    case .late: counts.late += difference
    case .silent: counts.silent += difference
    }
  }
}
