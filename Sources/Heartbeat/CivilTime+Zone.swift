// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

// Conversion between CLOCK_REALTIME and a wall-clock reading, by the C library, which knows the zones.
extension CivilTime {
  /// The reading of a clock in a zone.
  ///
  /// `localtime_r` need not look at the zone again (localtime(3)), so that `tzset` is called before it: with
  /// `TZ` unset, glibc then compares `/etc/localtime` by inode and time of change and reads it anew where it
  /// differs. A long-running daemon follows `timedatectl set-timezone` at its next heartbeat, for one stat(2)
  /// a call.
  ///
  /// - Parameters:
  ///   - secondsSinceEpoch: Seconds of CLOCK_REALTIME. Readings outside the years 1 to 9999 become `earliest`
  ///     or `latest`.
  ///   - microsecond: Microseconds within the second; what is outside 0 to 999,999 is carried to the seconds.
  ///   - zone: The zone of the reading.
  package init(secondsSinceEpoch: Int64, microsecond: Int, zone: TimestampZone) {
    let carried = microsecond >= 0 ? microsecond / 1_000_000 : (microsecond + 1) / 1_000_000 - 1
    // No reading is further from the epoch than this; what is must not overflow the sum.
    let limit: Int64 = 400_000_000_000
    let second =
      max(-limit, min(limit, secondsSinceEpoch))
      + max(-limit, min(limit, Int64(carried)))
    var moment = time_t(second)
    var parts = tm()
    let converted: Bool
    switch zone {
    case .local:
      tzset()
      converted = localtime_r(&moment, &parts) != nil
    case .utc:
      converted = gmtime_r(&moment, &parts) != nil
    }
    let year = Int(parts.tm_year) + 1900
    guard converted, 1...9999 ~= year else {
      self = second < 0 ? .earliest : .latest
      return
    }
    // tm_sec is 60 in a leap second of the "right/" zones; the wire has no such second.
    self.init(
      unchecked: (year, Int(parts.tm_mon) + 1, Int(parts.tm_mday)),
      hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: min(Int(parts.tm_sec), 59),
      microsecond: microsecond - carried * 1_000_000)
  }

  /// Seconds of CLOCK_REALTIME at which a clock in the zone reads this, the microseconds left out, or nil
  /// where the C library knows none.
  ///
  /// A reading that a zone has twice or never, where its clocks are put back or forward, is what mktime(3)
  /// makes of it. It looks at the zone as `init(secondsSinceEpoch:microsecond:zone:)` does, so that `.local`
  /// is not for the hot path: `secondsSinceEpochAsUTC` is.
  package func secondsSinceEpoch(zone: TimestampZone) -> Int64? {
    guard zone == .local else { return secondsSinceEpochAsUTC }
    var parts = tm()
    parts.tm_year = Int32(year - 1900)
    parts.tm_mon = Int32(month - 1)
    parts.tm_mday = Int32(day)
    parts.tm_hour = Int32(hour)
    parts.tm_min = Int32(minute)
    parts.tm_sec = Int32(second)
    parts.tm_isdst = -1
    // -1 is an error and also a second of 1969; only a success sets the day of the week (mktime(3)).
    parts.tm_wday = -1
    let moment = mktime(&parts)
    return parts.tm_wday == -1 ? nil : Int64(moment)
  }
}

extension TimestampZone {
  /// How far its clocks are ahead of UTC, in microseconds.
  ///
  /// - Parameter realtime: CLOCK_REALTIME, in nanoseconds.
  package func offset(at realtime: Int64) -> Int64 {
    let seconds = realtime / 1_000_000_000
    let local = CivilTime(secondsSinceEpoch: seconds, microsecond: 0, zone: self)
    return (local.secondsSinceEpochAsUTC - seconds) * 1_000_000
  }
}
