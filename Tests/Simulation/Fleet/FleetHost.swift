// SPDX-License-Identifier: Apache-2.0

import Liveness
import Rules

/// What outlives a daemon of a fleet: the target of its state, and its checkpoint.
///
/// Times are in nanoseconds of the host's CLOCK_MONOTONIC.
struct FleetHost {
  /// As `PeerCheckpoint`, as far as rules and keys need it.
  struct Checkpoint {
    var time: Int64
    var rules: [RuleName: RuleMachine.Stored]
    var accepted: [AcceptedHeartbeats.Stored]
  }

  /// Whether the target is active: started and stopped by the daemon, and stopped where a daemon is gone.
  private(set) var isEntered = false
  /// Since when.
  private(set) var since = FleetBook.never
  var checkpoint: Checkpoint?
  /// When the target was started or stopped.
  private(set) var flips: [Int64] = []
  /// Whether the service is restarted, and not stopped.
  var isRestarting = false

  /// The target is started or stopped.
  mutating func flip(to isEntered: Bool, at time: Int64) {
    guard isEntered != self.isEntered else { return }
    (self.isEntered, since) = (isEntered, time)
    flips.append(time)
  }

  /// The most flips in any span that ends with the last one.
  func count(within span: Int64) -> Int {
    guard let last = flips.last else { return 0 }
    return flips.count { $0 >= last - span }
  }
}
