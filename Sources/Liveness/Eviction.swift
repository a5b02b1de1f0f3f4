// SPDX-License-Identifier: Apache-2.0

/// Eviction policy of a full peer table: the least established peer first.
///
/// A forger has as many sources as it likes, but not the past of a peer that is followed. So a silent
/// newcomer is evicted first, then a newcomer whose next beat is overdue, and where there are no newcomers
/// the silent peer that was heard for the shortest time. Other peers stay, and so do those that the
/// configuration names.
struct Eviction: Sendable {
  /// Silent peers by their standing, in nanoseconds.
  private var silents = DeadlineHeap()
  /// Newcomers that are not silent, by their last beat or an earlier one, in nanoseconds of CLOCK_MONOTONIC.
  private var newcomers = DeadlineHeap()

  /// The established peer to evict; nil where there is none, or a newcomer.
  var firstEstablished: Int? { newcomers.count == 0 ? silents.first?.slot : nil }

  /// The newcomer to evict; nil where there is none.
  mutating func firstNewcomer(at now: Int64, _ peers: [Peer]) -> Int? {
    if let silent = silents.first, silent.deadline < LivenessRule.establishedAfter { return silent.slot }
    while let (noted, slot) = newcomers.first, noted + LivenessRule.newcomerOverdueAfter <= now {
      guard peers[slot].lastHeard > noted else { return slot }
      newcomers.set(peers[slot].lastHeard, for: slot)
    }
    return nil
  }

  /// Notes a peer that was placed or has changed.
  mutating func note(_ peer: Peer, slot: Int) {
    if peer.isExpected {
      remove(slot)
    } else if peer.state.isGone {
      newcomers.remove(slot)
      silents.set(peer.standing, for: slot)
    } else {
      silents.remove(slot)
      if peer.isEstablished { newcomers.remove(slot) } else { newcomers.set(peer.lastHeard, for: slot) }
    }
  }

  /// A peer was removed, or must not be evicted.
  mutating func remove(_ slot: Int) {
    silents.remove(slot)
    newcomers.remove(slot)
  }
}

extension Peer {
  /// From its first beat to its last, in nanoseconds: the longer, the later it is evicted.
  var standing: Int64 { lastHeard - firstHeard }

  /// Whether no newcomer takes its place while it is not silent.
  var isEstablished: Bool { isExpected || standing >= LivenessRule.establishedAfter }
}
