// SPDX-License-Identifier: Apache-2.0

/// Monotonic times for people and other programs.
package enum WallTime {
  /// Microseconds since the epoch of a time of CLOCK_MONOTONIC in nanoseconds, as the two clocks stand now.
  package static func microseconds(_ monotonic: Int64) -> Int64 {
    (MonotonicClock.wallClock() - MonotonicClock.now() + monotonic) / 1000
  }

  /// Nanoseconds from a time of CLOCK_MONOTONIC until now.
  package static func sinceMonotonic(_ monotonic: Int64) -> Int64 { max(0, MonotonicClock.now() - monotonic) }
}
