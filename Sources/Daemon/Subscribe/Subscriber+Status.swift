// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness

/// State of the subscriber for other queues. Reading it does not wait for the receive loop.
extension Subscriber {
  /// State under the mutex.
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

  /// As of the last tick.
  nonisolated var peerSummary: PeerSummary { shared.withLock { $0.peers } }

  func whenSummaryChanges(_ body: @escaping @Sendable () -> Void) { summaryChanged = body }

  /// Peers and senders for the next process.
  ///
  /// - Parameter isComplete: Whether reading has ended for good.
  func peerCheckpoint(isComplete: Bool) -> PeerCheckpoint {
    var kept = pipeline.peers.kept(isComplete: isComplete, group: receiver?.group)
    kept.senders = pipeline.senders.kept(isComplete: isComplete)
    return kept
  }
}

/// Counts of peers by state, and the conditions that suspend verdicts.
struct PeerSummary: Equatable, Sendable {
  var counts = PeerCounts()
  var conditions: [Condition] = []
}
