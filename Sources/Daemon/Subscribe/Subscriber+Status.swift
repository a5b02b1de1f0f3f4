// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness

/// What others may know of the subscriber. Whoever reads it does not wait for the receive loop.
extension Subscriber {
  /// What is read from other queues.
  struct Shared: Sendable {
    var peers = PeerSummary()
    var memberships: [Membership] = []
  }

  struct Membership: Sendable, Equatable {
    var interface: String
    var interfaceIndex: UInt32
  }

  /// Where the group is joined, by interface name.
  nonisolated var memberships: [Membership] { shared.withLock { $0.memberships } }

  /// As of the last second.
  nonisolated var peerSummary: PeerSummary { shared.withLock { $0.peers } }

  func whenSummaryChanges(_ body: @escaping @Sendable () -> Void) { summaryChanged = body }

  /// What an heir needs of the peers.
  ///
  /// - Parameter isComplete: whether nothing will be read any more.
  func peerCheckpoint(isComplete: Bool) -> PeerCheckpoint {
    var kept = pipeline.peers.kept(isComplete: isComplete, group: receiver?.group)
    kept.senders = pipeline.senders.kept(isComplete: isComplete)
    return kept
  }
}

/// How many peers there are, and what keeps them from being judged.
struct PeerSummary: Equatable, Sendable {
  var counts = PeerCounts()
  var conditions: [Condition] = []
}
