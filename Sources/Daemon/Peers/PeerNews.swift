// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// Which events of peers are told one by one, and how many were not: sources can be forged by the thousand,
/// and each would have its entries beside the log budget. Newcomers have a budget of their own, so that a
/// flood of them takes nothing from the peers that are followed. A pure value; time is passed in, in
/// monotonic nanoseconds.
struct PeerNews {
  /// Entries at once, and a second.
  static let burst = 200.0
  static let rate = 20.0

  private struct Bucket {
    var tokens = PeerNews.burst
    var refilled: Int64 = 0

    mutating func take(now: Int64) -> Bool {
      tokens = min(PeerNews.burst, tokens + Double(max(0, now - refilled)) / 1e9 * PeerNews.rate)
      refilled = max(refilled, now)
      guard tokens >= 1 else { return false }
      tokens -= 1
      return true
    }
  }

  private var established = Bucket()
  private var newcomers = Bucket()
  private(set) var untold = 0

  /// Whether this event has an entry of its own. One about the network as a whole always has.
  mutating func tells(_ event: PeerEvent<PeerID>, now: Int64) -> Bool {
    switch event {
    case .networkSilent, .networkHeard: return true
    // The impediment has its entry, the peer none.
    case .unknown, .known, .forgotten: return false
    case .evicted(let peer) where !peer.isEstablished: return false
    case .discovered(let peer), .silent(let peer), .back(let peer), .evicted(let peer):
      let isTold = peer.isEstablished ? established.take(now: now) : newcomers.take(now: now)
      if !isTold { untold += 1 }
      return isTold
    }
  }

  /// How many were not told since the last call.
  mutating func takeUntold() -> Int {
    defer { untold = 0 }
    return untold
  }
}
