// SPDX-License-Identifier: Apache-2.0

import Platform

/// A wall clock in a zone. Its calendar is worked out once a second, and may be beforehand, so that a
/// heartbeat leaves as soon as its time is read.
package struct WallClock: Sendable {
  private let zone: TimestampZone
  /// The second of CLOCK_REALTIME that `reading` is of; nil before the first.
  private var second: Int64?
  private var reading = CivilTime.earliest
  /// How far the clock is ahead of UTC at the last reading, in seconds.
  package private(set) var utcOffset: Int32 = 0

  package init(zone: TimestampZone) { self.zone = zone }

  /// What the clock reads.
  ///
  /// - Parameter nanoseconds: CLOCK_REALTIME, not before 1970.
  package mutating func read(realtime nanoseconds: Int64) -> CivilTime {
    prepare(realtime: nanoseconds)
    return reading.with(microsecond: Int(nanoseconds % 1_000_000_000) / 1000)
  }

  /// Works out the calendar for a time near at hand.
  package mutating func prepare(realtime nanoseconds: Int64) {
    let second = nanoseconds / 1_000_000_000
    guard second != self.second else { return }
    self.second = second
    reading = CivilTime(secondsSinceEpoch: second, microsecond: 0, zone: zone)
    utcOffset = Int32(clamping: reading.secondsSinceEpochAsUTC - second)
  }
}
