// SPDX-License-Identifier: Apache-2.0

/// Which states of a host a process has read: the oracle's book, by what the world knows of each datagram.
///
/// Times are in nanoseconds of the process's CLOCK_MONOTONIC.
struct HeardVersions {
  /// The latest state, and the number of the heartbeat that said so; -1 before the first.
  private(set) var newest = -1
  private(set) var order = -1
  /// Until when it is surely fresh, and after which it surely is not.
  private(set) var freshUntil = Int64.min
  private(set) var staleAfter = Int64.min
  /// Since when it is heard without a gap.
  private(set) var since = Int64.min
  /// A process began anew in the past: it is believed once the one before is surely not heard, which is after
  /// this; nil where none did.
  private(set) var doubtedUntil: Int64?

  private static let beats: Int64 = 5

  /// A heartbeat was read that counts.
  mutating func note(_ version: Int, order number: Int, arrival: Int64, interval: Int64) {
    let end = arrival + Self.beats * interval
    if arrival > staleAfter { since = arrival }
    if number >= order {
      (newest, order) = (version, number)
      freshUntil = end
    }
    staleAfter = max(staleAfter, end)
  }

  /// It began anew; to be called before the first heartbeat is noted.
  mutating func begin(at arrival: Int64, isInThePast: Bool) {
    since = arrival
    if isInThePast { doubtedUntil = max(doubtedUntil ?? .min, staleAfter) }
  }

  /// What is known is what is said.
  mutating func noteKnown(at now: Int64) {
    if let end = doubtedUntil, now > end { doubtedUntil = nil }
  }
}
