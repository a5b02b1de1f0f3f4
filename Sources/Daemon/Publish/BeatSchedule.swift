// SPDX-License-Identifier: Apache-2.0

/// The schedule of heartbeats: beat *n* is due at start + n × interval, so that delays do not accumulate.
///
/// A pure value; times are nanoseconds of a monotonic clock.
struct BeatSchedule: Equatable {
  private(set) var start: Int64
  let interval: Int64
  /// The next beat, counted from 0.
  private(set) var next: Int64 = 0

  init(start: Int64, interval: Int64) {
    self.start = start
    self.interval = interval
  }

  /// When the next beat is due.
  var due: Int64 { start + next * interval }

  /// Notes that the due beat was sent at `now`. After a late wake-up missed beats are skipped rather than
  /// sent in a burst.
  mutating func advance(now: Int64) {
    next = max(next, (now - start) / interval) + 1
  }
}
