// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// Which events of peers are told one by one, and how many were not: sources can be forged by the thousand, and each
/// would have its entries beside the log budget. A pure value; time is passed in, in monotonic nanoseconds.
struct PeerNews {
  /// Entries at once, and a second.
  static let burst = 200.0
  static let rate = 20.0

  private var tokens = PeerNews.burst
  private var refilled: Int64 = 0
  private(set) var untold = 0

  /// Whether this event has an entry of its own. One about the network as a whole always has.
  mutating func tells(_ event: PeerEvent<PeerID>, now: Int64) -> Bool {
    switch event {
    case .networkSilent, .networkHeard: return true
    case .discovered, .silent, .back, .forgotten: break
    }
    tokens = min(Self.burst, tokens + Double(max(0, now - refilled)) / 1e9 * Self.rate)
    refilled = max(refilled, now)
    guard tokens >= 1 else {
      untold += 1
      return false
    }
    tokens -= 1
    return true
  }

  /// How many were not told since the last call.
  mutating func takeUntold() -> Int {
    defer { untold = 0 }
    return untold
  }
}
