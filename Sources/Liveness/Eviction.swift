// SPDX-License-Identifier: Apache-2.0

/// Which peer gives up its place when the table is full: the least established one.
///
/// A stranger has as many sources as it likes, but not the past of a peer that is followed. So a silent
/// newcomer goes first, then a newcomer whose next beat is overdue, and only where there are no newcomers at
/// all the silent peer that was heard for the shortest time. Others stay, and so do those that the
/// configuration names.
struct Eviction: Sendable {
  /// Silent peers by their standing.
  private var silents = DeadlineHeap()
  /// Newcomers that are not silent by their last beat, or by an earlier one.
  private var newcomers = DeadlineHeap()

  /// The established peer to give up where there are no newcomers; nil where there is none.
  var firstEstablished: Int? { newcomers.count == 0 ? silents.first?.slot : nil }

  /// The newcomer to give up; nil where there is none.
  mutating func firstNewcomer(at now: Int64, _ peers: [Peer]) -> Int? {
    if let silent = silents.first, silent.deadline < LivenessRule.establishedAfter { return silent.slot }
    while let (noted, slot) = newcomers.first, noted + LivenessRule.newcomerOverdueAfter <= now {
      guard peers[slot].lastHeard > noted else { return slot }
      newcomers.set(peers[slot].lastHeard, for: slot)
    }
    return nil
  }

  /// Notes what may be done with a peer that has changed.
  mutating func note(_ peer: Peer, slot: Int) {
    if peer.isExpected {
      remove(slot)
    } else if peer.state == .silent {
      newcomers.remove(slot)
      silents.set(peer.standing, for: slot)
    } else {
      silents.remove(slot)
      if peer.isEstablished { newcomers.remove(slot) } else { newcomers.set(peer.lastHeard, for: slot) }
    }
  }

  mutating func remove(_ slot: Int) {
    silents.remove(slot)
    newcomers.remove(slot)
  }
}
