// SPDX-License-Identifier: Apache-2.0

import Platform

/// Decides which datagrams get an entry of their own, so that a flood cannot fill the journal: a token bucket that
/// is fair between sources.
///
/// The bucket gains `rate` tokens a second. `burst` of them are for whoever comes, even if it is one source. Below them
/// lies a reserve of one second's rate, from which only a source is served that has had less than its share (`rate`
/// divided by the sources heard in the last seconds): one that floods uses up its own share and cannot silence the others.
///
/// A pure value; time is passed in, in nanoseconds of a monotonic clock. Memory is fixed: what a source has had is kept
/// in a table of `slots` places, in which a newer source may push out an idle one.
package struct LogBudget {
  /// Places for sources; the table is small enough to stay in a processor's cache under a flood of forged sources.
  static let slots = 1024
  /// Places that are looked at for a source.
  private static let ways = 4
  /// A source that has not been heard for this long (ns) has its place free and its share back.
  private static let idle: Int64 = 4_000_000_000

  private struct Usage {
    var source = IPAddress.unspecified(.ipv4)
    /// When the source was last heard.
    var last = Int64.min
    /// Entries it has had, decaying by 1/e a second.
    var level = 0.0
    /// When `level` was last brought up to date.
    var updated: Int64 = 0
  }

  /// Entries a second; 0 for no budget.
  package private(set) var rate: Double
  package private(set) var burst: Double
  /// What is kept for sources that have had less than their share.
  private let reserve: Double
  private var tokens: Double
  private var refilled: Int64
  /// Odd, and secret, so that nobody can choose addresses that push a source out of its place.
  private let factors: (low: UInt64, high: UInt64)
  private var table: [Usage]
  private var active = 0
  private var counted: Int64

  package init(rate: Int, burst: Int, now: Int64) {
    self.rate = Double(rate)
    self.burst = Double(max(burst, 1))
    reserve = Double(min(rate, max(burst, 1)))
    tokens = self.burst + reserve
    refilled = now
    counted = now
    factors = (.random(in: 0 ... .max) | 1, .random(in: 0 ... .max) | 1)
    table = [Usage](repeating: Usage(), count: rate == 0 ? 0 : Self.slots)
  }

  /// Whether there is a budget at all.
  var isLimited: Bool { rate > 0 }

  /// Whether a datagram of this source gets an entry now. Takes the token if so.
  package mutating func admit(_ source: IPAddress, now: Int64) -> Bool {
    guard isLimited else { return true }
    refill(now)
    let place = place(of: source, now: now)
    if tokens >= 1, tokens > reserve || level(at: place, now: now) < share {
      tokens -= 1
      table[place].level = level(at: place, now: now) + 1
      table[place].updated = now
      return true
    }
    return false
  }

  /// Entries a second that each of the sources heard may have when the budget is short.
  private var share: Double { rate / Double(max(active, 1)) }

  private mutating func refill(_ now: Int64) {
    guard now > refilled else { return }
    tokens = min(burst + reserve, tokens + Double(now - refilled) / 1e9 * rate)
    refilled = now
    // Counting the sources costs a walk over the table: ten times a second is often enough.
    guard now - counted > 100_000_000 else { return }
    counted = now
    active = table.reduce(0) { $0 + (now - Self.idle < $1.last ? 1 : 0) }
  }

  /// What a source has had, decayed to now. The decay e^-t is taken as 1/(1+t+t²/2): close, and without a call.
  private func level(at place: Int, now: Int64) -> Double {
    let seconds = Double(max(0, now - table[place].updated)) / 1e9
    return table[place].level / (1 + seconds + seconds * seconds / 2)
  }

  /// The source's place, found or made: an idle one's, else that of the source heard longest ago.
  private mutating func place(of source: IPAddress, now: Int64) -> Int {
    let hash = source.low &* factors.low &+ source.high &* factors.high
    let start = Int(truncatingIfNeeded: hash >> 40) & (Self.slots - 1)
    var oldest = start
    for way in 0..<Self.ways {
      let place = (start + way) & (Self.slots - 1)
      if table[place].source == source, table[place].last > now - Self.idle {
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
