// SPDX-License-Identifier: Apache-2.0

/// Sources that were heard once, in a table of fixed size. A forger has as many of them as there are
/// addresses, so that each gets eight bytes: a part of the hash of its identity, when it was heard, and the
/// last bits of the beat's number.
///
/// It is a four-way set-associative cache with random replacement: with the oldest replaced, five new peers
/// in one set would keep one another out for ever. With 65,536 places, amid 50,000 forged sources a second, a
/// new peer at 1 Hz is admitted on its second beat every other time, and on a later one otherwise.
struct Probation: Sendable {
  /// The first beat of a source, at its second.
  struct First {
    /// Time from one to the other, in nanoseconds.
    var gap: Int64
    /// The last `numberBits` of its number.
    var number: UInt8
  }

  private struct Place {
    /// 0 for none.
    var mark: UInt32 = 0
    /// Units of CLOCK_MONOTONIC, and below them the bits of the number.
    var heard: UInt32 = 0
  }

  /// Bits of a number that are kept: up to 31 beats may be lost between the first two.
  static let numberBits = 5
  static let numberMask: UInt64 = 1 << numberBits - 1
  /// In nanoseconds; the 2^27 of them are seven hours.
  private static let unit: Int64 = 200_000

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
  ///   - number: Of the beat; 0 where it has none.
  ///   - time: Nanoseconds of CLOCK_MONOTONIC.
  /// - Returns: The beat before, where that makes this its second. What comes within half of the shortest
  ///   interval or has the same number is a copy, or of another sender of that name, and what comes after
  ///   `LivenessRule.longestGap` is too late.
  mutating func note(hash: UInt64, number: UInt64 = 0, at time: Int64) -> First? {
    let mark = UInt32(truncatingIfNeeded: hash >> 32) | 1
    let set = Int(truncatingIfNeeded: hash & UInt64(places.count / 4 - 1)) * 4
    let now = UInt32(truncatingIfNeeded: time / Self.unit) << Self.numberBits
    let new = Place(mark: mark, heard: now | UInt32(number & Self.numberMask))
    var vacant: Int?
    for place in set..<(set + 4) {
      let old = places[place]
      if old.mark == mark {
        let age = Int32(bitPattern: now &- (old.heard & ~UInt32(Self.numberMask))) >> Self.numberBits
        let gap = Int64(age) * Self.unit
        if gap < LivenessRule.shortestInterval / 2, gap >= 0 { return nil }
        guard gap > 0, gap <= LivenessRule.longestGap else {
          places[place] = new
          return nil
        }
        let first = First(gap: gap, number: UInt8(truncatingIfNeeded: old.heard) & UInt8(Self.numberMask))
        guard number == 0 || UInt64(first.number) != number & Self.numberMask else { return nil }
        places[place].mark = 0
        return first
      }
      if old.mark == 0 { vacant = place }
    }
    // A linear congruential generator (Knuth's MMIX); its high bits are the good ones.
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    places[vacant ?? set + Int(random >> 62)] = new
    return nil
  }
}
