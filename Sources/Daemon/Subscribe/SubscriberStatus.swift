// SPDX-License-Identifier: Apache-2.0

import Liveness
import Synchronization

/// What other queues read of the subscriber, without waiting for the receive loop.
final class SubscriberStatus: Sendable {
  struct Membership: Sendable, Equatable {
    var interface: String
    var interfaceIndex: UInt32
  }

  private struct State: Sendable {
    var peers = PeerSummary()
    var memberships: [Membership] = []
  }

  private let state = Mutex(State())

  /// Where the group is joined, by interface name.
  var memberships: [Membership] { state.withLock { $0.memberships } }

  /// As of the last tick.
  var peers: PeerSummary { state.withLock { $0.peers } }

  func set(_ memberships: [Membership]) {
    let sorted = memberships.sorted { $0.interface < $1.interface }
    state.withLock { $0.memberships = sorted }
  }

  /// - Parameter countsMatter: False to publish a change of conditions only; counts may change a hundred
  ///   times a second.
  /// - Returns: Whether the summary changed.
  func set(_ peers: PeerSummary, countsMatter: Bool) -> Bool {
    state.withLock { state in
      guard countsMatter || state.peers.conditions != peers.conditions else { return false }
      defer { state.peers = peers }
      return state.peers != peers
    }
  }
}

/// Counts of peers by state, and the conditions that suspend verdicts.
struct PeerSummary: Equatable, Sendable {
  var counts = PeerCounts()
  var conditions: [Condition] = []
}
