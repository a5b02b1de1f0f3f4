// SPDX-License-Identifier: Apache-2.0

/// The schedule of heartbeats: beat *n* is due at start + n × interval, so that delays do not accumulate.
///
/// A pure value; times are nanoseconds of a monotonic clock.
package struct BeatSchedule: Equatable {
  private(set) var start: Int64
  package let interval: Int64
  /// The next beat, counted from 0.
  package private(set) var next: Int64 = 0

  package init(start: Int64, interval: Int64) {
    self.start = start
    self.interval = interval
  }

  /// When the next beat is due.
  package var due: Int64 { start + next * interval }

  /// Notes that the due beat was sent at `now`. After a late wake-up missed beats are skipped rather than
  /// sent in a burst.
  package mutating func advance(now: Int64) {
    next = max(next, (now - start) / interval) + 1
  }
}
