// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The clocks of clock_gettime(2), in nanoseconds.
package enum Clocks {
  /// CLOCK_MONOTONIC: the clock of Dispatch's deadlines, which neither an operator nor NTP sets. For all
  /// judgements.
  package static func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }

  /// CLOCK_REALTIME, since the epoch. For people and other programs.
  package static func realtime() -> Int64 { read(CLOCK_REALTIME) }

  /// CLOCK_THREAD_CPUTIME_ID: what the calling thread has had of the processors.
  package static func threadTime() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

  /// Nanoseconds since a time of CLOCK_MONOTONIC, not negative.
  package static func elapsed(since monotonic: Int64) -> Int64 { max(0, Self.monotonic() - monotonic) }

  /// Microseconds since the epoch of a time of CLOCK_MONOTONIC, by the present difference of the two clocks.
  package static func epochMicroseconds(ofMonotonic monotonic: Int64) -> Int64 {
    (realtime() - Self.monotonic() + monotonic) / 1000
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
