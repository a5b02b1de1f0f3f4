// SPDX-License-Identifier: Apache-2.0

/// A wall-clock reading without a zone, in the proleptic Gregorian calendar, exact to a microsecond.
///
/// It has the range of Python's `datetime`: years 1 to 9999, and no leap second, which POSIX time cannot tell
/// apart either. Twelve bytes, no allocation.
package struct CivilTime: Equatable, Hashable, Sendable {
  private var storedMicrosecond: UInt32
  private let storedYear: UInt16
  private let storedMonth: UInt8
  private let storedDay: UInt8
  private let storedHour: UInt8
  private let storedMinute: UInt8
  private let storedSecond: UInt8

  /// 1 to 9999.
  package var year: Int { Int(storedYear) }
  /// 1 to 12.
  package var month: Int { Int(storedMonth) }
  /// 1 to the length of the month.
  package var day: Int { Int(storedDay) }
  /// 0 to 23.
  package var hour: Int { Int(storedHour) }
  /// 0 to 59.
  package var minute: Int { Int(storedMinute) }
  /// 0 to 59.
  package var second: Int { Int(storedSecond) }
  /// 0 to 999,999.
  package var microsecond: Int { Int(storedMicrosecond) }

  /// The first moment that can be written.
  package static let earliest = CivilTime(
    unchecked: (1, 1, 1), hour: 0, minute: 0, second: 0, microsecond: 0)
  /// The last moment that can be written.
  package static let latest = CivilTime(
    unchecked: (9999, 12, 31), hour: 23, minute: 59, second: 59, microsecond: 999_999)

  /// A reading, or nil where a part is outside its range or the month has no such day.
  package init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, microsecond: Int) {
    guard
      1...9999 ~= year, 1...12 ~= month, day >= 1, day <= Self.days(inMonth: month, of: year),
      0...23 ~= hour, 0...59 ~= minute, 0...59 ~= second, 0...999_999 ~= microsecond
    else { return nil }
    self.init(
      unchecked: (year, month, day), hour: hour, minute: minute, second: second, microsecond: microsecond)
  }

  /// The parts as they are; the caller has checked every range.
  init(
    unchecked date: (year: Int, month: Int, day: Int), hour: Int, minute: Int, second: Int, microsecond: Int
  ) {
    storedYear = UInt16(truncatingIfNeeded: date.year)
    storedMonth = UInt8(truncatingIfNeeded: date.month)
    storedDay = UInt8(truncatingIfNeeded: date.day)
    storedHour = UInt8(truncatingIfNeeded: hour)
    storedMinute = UInt8(truncatingIfNeeded: minute)
    storedSecond = UInt8(truncatingIfNeeded: second)
    storedMicrosecond = UInt32(truncatingIfNeeded: microsecond)
  }

  /// The same second with another microsecond, 0 to 999,999.
  func with(microsecond: Int) -> CivilTime {
    var time = self
    time.storedMicrosecond = UInt32(truncatingIfNeeded: microsecond)
    return time
  }

  /// Seconds from 1970-01-01 00:00:00 to this reading, the microseconds left out, as if it were UTC. Pure
  /// arithmetic: the difference of two readings of one clock, whatever its zone.
  package var secondsSinceEpochAsUTC: Int64 {
    Int64(Self.daysSinceEpoch(year: year, month: month, day: day)) * 86_400
      + Int64(hour * 3600 + minute * 60 + second)
  }

  /// Microseconds from 1970-01-01 00:00:00 to this reading, as if it were UTC.
  package var microsecondsSinceEpochAsUTC: Int64 {
    secondsSinceEpochAsUTC * 1_000_000 + Int64(storedMicrosecond)
  }
}

// The Gregorian calendar, by Howard Hinnant's algorithms (howardhinnant.github.io/date_algorithms.html):
// years run from March, so that the leap day is the last of its year, in eras of 400 years that all have
// 146,097 days.
extension CivilTime {
  /// The number of days of a month, 1 to 12, of a year.
  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01 to a date of year 1 or later.
  static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
    let marchYear = month > 2 ? year : year - 1
    let era = marchYear / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
