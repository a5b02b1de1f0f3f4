// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Readings of the two clocks that matter: one to judge by, one to tell people.
package enum MonotonicClock {
  /// CLOCK_MONOTONIC in nanoseconds: the clock of Dispatch's deadlines, which no operator and no time server
  /// sets.
  package static func now() -> Int64 { read(CLOCK_MONOTONIC) }

  /// CLOCK_REALTIME in nanoseconds since the epoch.
  package static func wallClock() -> Int64 { read(CLOCK_REALTIME) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
