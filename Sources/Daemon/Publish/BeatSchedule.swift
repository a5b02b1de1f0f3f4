// SPDX-License-Identifier: Apache-2.0

/// When heartbeats are due: beat *n* at start + n × interval, whatever the last one took, so that nothing
/// adds up.
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

  /// The beat that was due has been sent at `now`. After a late wake-up the beats that were missed are left
  /// out: one is sent, not a burst.
  mutating func advance(now: Int64) {
    next = max(next, (now - start) / interval) + 1
  }
}
