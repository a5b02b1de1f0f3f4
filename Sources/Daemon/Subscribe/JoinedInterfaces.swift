// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Where the group is joined, for other queues, which do not wait for the receive loop.
final class JoinedInterfaces: Sendable {
  struct Membership: Sendable, Equatable {
    var interface: String
    var interfaceIndex: UInt32
  }

  private let state = Mutex<[Membership]>([])

  /// By interface name.
  var memberships: [Membership] { state.withLock { $0 } }

  func set(_ memberships: [Membership]) {
    let sorted = memberships.sorted { $0.interface < $1.interface }
    state.withLock { $0 = sorted }
  }
}
