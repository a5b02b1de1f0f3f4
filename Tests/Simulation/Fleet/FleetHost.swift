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
    /// Whether the target was active.
    var isEntered: Bool
  }

  /// Whether the target is active: started and stopped by the daemon, and stopped where a daemon is gone.
  private(set) var isEntered = false
  /// Since when.
  private(set) var since = FleetBook.never
  var checkpoint: Checkpoint?
  /// When the target was started or stopped, as far as the next process may know of it.
  private(set) var flips: [Int64] = []
  /// How many there were in all, and how many a crash had forgotten.
  private(set) var allFlips = 0
  private(set) var forgotten = 0
  /// Whether the service is restarted, and not stopped.
  var isRestarting = false

  /// The target is started or stopped.
  mutating func flip(to isEntered: Bool, at time: Int64) {
    guard isEntered != self.isEntered else { return }
    (self.isEntered, since) = (isEntered, time)
    flips.append(time)
    allFlips += 1
  }

  /// The daemon crashed: it knows nothing of what happened since its last checkpoint.
  mutating func forget() {
    let time = checkpoint?.time ?? FleetBook.never
    let count = flips.count
    flips.removeAll { $0 > time }
    forgotten += count - flips.count
  }

  /// The target is stopped because nobody decides on it; the next process counts that if it knows that it was
  /// active.
  mutating func release(at time: Int64) {
    guard isEntered else { return }
    flip(to: false, at: time)
    guard checkpoint?.isEntered != true else { return }
    flips.removeLast()
    forgotten += 1
  }

  /// The most flips in any span that ends with the last one.
  func count(within span: Int64) -> Int {
    guard let last = flips.last else { return 0 }
    return flips.count { $0 >= last - span }
  }
}
