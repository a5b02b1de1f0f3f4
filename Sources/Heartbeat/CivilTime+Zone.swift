// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform
import Synchronization

/// The time for which the zone was looked at last, in seconds of CLOCK_REALTIME.
private let zoneRead = Atomic(Int64(1) << 62)

// Conversion between CLOCK_REALTIME and a wall-clock reading, by the C library, which knows the zones.
extension CivilTime {
  /// The reading of a clock in a zone.
  ///
  /// - Parameters:
  ///   - nanoseconds: CLOCK_REALTIME.
  ///   - zone: The zone of the reading.
  package init(realtime nanoseconds: Int64, zone: TimestampZone) {
    let (second, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    // Before 1970 the rest is negative, and the reading is rounded down all the same.
    let isBefore = rest < 0
    self.init(
      secondsSinceEpoch: isBefore ? second - 1 : second,
      microsecond: Int(isBefore ? rest + 1_000_000_000 : rest) / 1000, zone: zone)
  }

  /// The reading of a clock in a zone.
  ///
  /// `localtime_r` need not look at the zone again (localtime(3)), so that `tzset` is called before it, for
  /// times ten seconds apart: with `TZ` unset, glibc then compares `/etc/localtime` by inode and time of
  /// change and reads it anew where it differs. So a daemon follows `timedatectl set-timezone` within ten
  /// seconds, and not for a stat(2) each second, an eighth of what a heartbeat costs.
  ///
  /// - Parameters:
  ///   - second: Seconds of CLOCK_REALTIME. Readings outside the years 1 to 9999 become `earliest` or
  ///     `latest`.
  ///   - microsecond: 0 to 999,999.
  ///   - zone: The zone of the reading.
  init(secondsSinceEpoch second: Int64, microsecond: Int, zone: TimestampZone) {
    var moment = time_t(second)
    var parts = tm()
    let converted: Bool
    switch zone {
    case .local:
      if (second &- zoneRead.load(ordering: .relaxed)).magnitude >= 10 {
        tzset()
        zoneRead.store(second, ordering: .relaxed)
      }
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
      microsecond: microsecond)
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
