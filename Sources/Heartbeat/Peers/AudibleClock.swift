// SPDX-License-Identifier: Apache-2.0

/// The monotonic clock without the time in which a beat could not have been heard: while we were not there, while
/// the network was silent, and the share of what the kernel dropped.
///
/// Silence is measured on this clock, so that what is our fault is no peer's, and it takes one addition for all of
/// them.
struct AudibleClock: Equatable, Sendable, Codable {
  /// Nanoseconds in which nothing could be heard.
  private(set) var deaf: Int64 = 0
  /// The reading at which the clock stands still.
  private(set) var stoppedAt: Int64?
  /// To where kernel drops were accounted for, in nanoseconds of CLOCK_MONOTONIC.
  private(set) var dropsNotedUntil: Int64 = .min

  /// The reading at a time of CLOCK_MONOTONIC.
  func reading(at time: Int64) -> Int64 {
    stoppedAt ?? time - deaf
  }

  /// The time of CLOCK_MONOTONIC at which the clock reads this; nil while it stands still.
  func time(of reading: Int64) -> Int64? {
    stoppedAt == nil ? reading + deaf : nil
  }

  mutating func stop(at reading: Int64) {
    stoppedAt = reading
  }

  /// Goes on from where it stopped.
  mutating func goOn(at time: Int64) {
    guard let reading = stoppedAt else { return }
    stoppedAt = nil
    deaf = max(deaf, time - reading)
  }

  /// Of all datagrams of a span of time the kernel dropped a share: so much of the time could not be heard.
  mutating func noteDrops(_ dropped: Int, received: Int, from start: Int64, to end: Int64) {
    let start = max(start, dropsNotedUntil)
    guard dropped > 0, end > start else { return }
    dropsNotedUntil = end
    guard stoppedAt == nil else { return }
    let share = Double(dropped) / (Double(dropped) + Double(max(received, 0)))
    deaf += Int64(Double(end - start) * share)
  }

  /// Nothing was heard from the outside in a span of time.
  mutating func noteDeafness(from start: Int64, to end: Int64) {
    noteDrops(1, received: 0, from: start, to: end)
  }
}
