// SPDX-License-Identifier: Apache-2.0

/// Sources that were heard once, in a table of fixed size. A forger has as many of them as there are
/// addresses, so that each gets eight bytes: a part of the hash of its identity, and when it was heard.
///
/// It is a four-way set-associative cache with random replacement: with the oldest replaced, five new peers
/// in one set would keep one another out for ever. With 65,536 places, amid 50,000 forged sources a second, a
/// new peer at 1 Hz is admitted on its second beat every other time, and on a later one otherwise.
struct Probation: Sendable {
  private struct Place {
    /// 0 for none.
    var mark: UInt32 = 0
    /// Units of 100 µs of CLOCK_MONOTONIC; the 2^32 of them are five days.
    var heard: UInt32 = 0
  }

  private var places: [Place]
  private var random: UInt64 = 1

  /// An empty table.
  ///
  /// - Parameter capacity: The number of sources, a power of two, 4 or more.
  init(capacity: Int) {
    places = Array(repeating: Place(), count: capacity)
  }

  /// Notes a source that is not in the table.
  ///
  /// - Parameters:
  ///   - hash: Of its identity, seeded so that no sender can choose it.
  ///   - time: Nanoseconds of CLOCK_MONOTONIC.
  /// - Returns: How long ago it was heard before, in nanoseconds, where that makes this its second beat. What
  ///   comes within half of the shortest interval is a copy, what comes after twice the longest one is too
  ///   late.
  mutating func note(hash: UInt64, at time: Int64) -> Int64? {
    let mark = UInt32(truncatingIfNeeded: hash >> 32) | 1
    let set = Int(truncatingIfNeeded: hash & UInt64(places.count / 4 - 1)) * 4
    let now = UInt32(truncatingIfNeeded: time / 100_000)
    var vacant: Int?
    for place in set..<(set + 4) {
      let age = now &- places[place].heard
      if places[place].mark == mark {
        let gap = Int64(Int32(bitPattern: age)) * 100_000
        if gap < LivenessRule.shortestInterval / 2, gap >= 0 { return nil }
        places[place].heard = now
        guard gap > 0, gap <= 2 * LivenessRule.longestInterval else { return nil }
        places[place].mark = 0
        return gap
      }
      if places[place].mark == 0 { vacant = place }
    }
    // A linear congruential generator (Knuth's MMIX); its high bits are the good ones.
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    places[vacant ?? set + Int(random >> 62)] = Place(mark: mark, heard: now)
    return nil
  }
}
