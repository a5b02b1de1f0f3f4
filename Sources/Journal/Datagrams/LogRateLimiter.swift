// SPDX-License-Identifier: Apache-2.0

import Platform

/// Limits the rate of datagram entries, so that a flood cannot fill the journal: a token bucket that is fair
/// between sources.
///
/// `burst` tokens are for any source, even a single one. Below them is a reserve of one second's rate, for
/// sources that have had less than their share (`rate` divided by the number of sources heard within `idle`):
/// a source that floods uses up its own share and cannot silence the others.
///
/// A pure value; time is passed in, in nanoseconds of a monotonic clock. Memory is fixed: usage by source is
/// kept in a hash table of `slots` places, where a new source may replace an idle one.
package struct LogRateLimiter {
  /// Few enough that the table stays in a processor's cache under a flood of forged sources.
  static let slots = 1024
  /// Places searched for a source.
  private static let ways = 4
  /// A source not heard for this long (ns) no longer counts, and its place may be reused.
  private static let idle: Int64 = 4_000_000_000
  /// Sources are counted this often (ns), because it takes a walk over the table.
  private static let countInterval: Int64 = 100_000_000

  private struct Usage {
    var source = IPAddress.unspecified(.ipv4)
    /// When the source was last heard, in ns.
    var last = Int64.min
    /// Entries it has had, decaying by 1/e a second.
    var level = 0.0
    /// When `level` was last updated, in ns.
    var updated: Int64 = 0
  }

  /// `burst` and `reserve`, filled with `log.rate` tokens a second.
  private var bucket: TokenBucket
  /// Tokens only for sources that have had less than their share.
  private let reserve: Double
  /// Factors of the hash of an address, odd and secret, so that nobody can choose addresses that evict
  /// another source.
  package struct Secret: Sendable {
    let low: UInt64
    let high: UInt64

    package init(low: UInt64, high: UInt64) { (self.low, self.high) = (low | 1, high | 1) }

    package static func random() -> Secret {
      Secret(low: .random(in: 0 ... .max), high: .random(in: 0 ... .max))
    }
  }

  private let secret: Secret
  private var table: [Usage]
  /// Sources heard within `idle`, as of `counted` (ns) plus those that came since.
  private var active = 0
  private var counted: Int64

  /// - Parameters:
  ///   - rate: entries a second; 0 for no limit.
  ///   - burst: entries at once; at least 1.
  ///   - now: monotonic nanoseconds.
  package init(rate: Int, burst: Int, secret: Secret = .random(), now: Int64) {
    let burst = max(burst, 1)
    reserve = Double(min(rate, burst))
    bucket = TokenBucket(rate: Double(rate), capacity: Double(burst) + reserve, now: now)
    counted = now
    self.secret = secret
    table = [Usage](repeating: Usage(), count: rate == 0 ? 0 : Self.slots)
  }

  /// False when the rate is 0: everything is admitted.
  var isLimited: Bool { bucket.rate > 0 }

  /// Whether a datagram of this source gets an entry. Takes a token if so.
  package mutating func admit(_ source: IPAddress, now: Int64) -> Bool {
    guard isLimited else { return true }
    bucket.refill(now)
    let place = place(of: source, now: now)
    guard bucket.tokens > reserve || hasShare(at: place, now: now), bucket.take() else { return false }
    table[place].level = level(at: place, now: now) + 1
    table[place].updated = now
    return true
  }

  /// Whether the source in a place has had less than its share, which is the rate divided by the number of
  /// active sources. Asked when only the reserve is left: at rest nothing is counted.
  private mutating func hasShare(at place: Int, now: Int64) -> Bool {
    if now - counted > Self.countInterval {
      counted = now
      active = table.reduce(0) { $0 + (now - Self.idle < $1.last ? 1 : 0) }
    }
    return level(at: place, now: now) < bucket.rate / Double(max(active, 1))
  }

  /// Decayed to `now`. e^-t is approximated by 1/(1+t+t²/2), which needs no call into libm.
  private func level(at place: Int, now: Int64) -> Double {
    let seconds = Double(max(0, now - table[place].updated)) / 1e9
    return table[place].level / (1 + seconds + seconds * seconds / 2)
  }

  /// Finds the source's place, or replaces an idle source, else the one heard longest ago.
  private mutating func place(of source: IPAddress, now: Int64) -> Int {
    let hash = source.low &* secret.low &+ source.high &* secret.high
    let start = Int(truncatingIfNeeded: hash >> 40) & (Self.slots - 1)
    var oldest = start
    for way in 0..<Self.ways {
      let place = (start + way) & (Self.slots - 1)
      // The low bits first: `==` is a call to another module.
      if table[place].source.low == source.low, table[place].source == source,
        table[place].last > now - Self.idle
      {
        table[place].last = max(table[place].last, now)
        return place
      }
      if table[place].last < table[oldest].last { oldest = place }
    }
    if table[oldest].last <= now - Self.idle { active += 1 }
    table[oldest] = Usage(source: source, last: now, updated: now)
    return oldest
  }
}
