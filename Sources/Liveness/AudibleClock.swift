// SPDX-License-Identifier: Apache-2.0

/// CLOCK_MONOTONIC minus the time in which no heartbeat could have been received: while the daemon was down,
/// while an impediment lasted, and the share that the kernel dropped.
///
/// Timeouts run on it, so that what is our fault never counts against a peer.
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

  /// Stands still at a reading, the earliest of those it is stopped at.
  mutating func stop(at reading: Int64) {
    stoppedAt = min(reading, stoppedAt ?? .max)
  }

  /// Goes on from where it stopped.
  ///
  /// - Parameter isOurFault: Whether beats that are missing meanwhile were sent and could not be heard.
  mutating func goOn(at time: Int64, isOurFault: Bool) {
    guard let reading = stoppedAt else { return }
    stoppedAt = nil
    deaf = max(deaf, time - reading)
    if isOurFault { dropsNotedUntil = max(dropsNotedUntil, time) }
  }

  /// Of all datagrams of a span of time the kernel dropped a share: so much of the time could not be heard.
  mutating func noteDrops(_ dropped: Int, received: Int, from start: Int64, to end: Int64) {
    let start = max(start, dropsNotedUntil)
    guard dropped > 0, end > start else { return }
    dropsNotedUntil = end
    guard stoppedAt == nil else { return }
    let share = Double(dropped) / (Double(dropped) + Double(max(received, 0)))
    deaf += Int64(Double(end - start) * min(1, share))
  }

  /// Nothing was heard from the outside in a span of time.
  mutating func noteDeafness(from start: Int64, to end: Int64) {
    noteDrops(1, received: 0, from: start, to: end)
  }

  /// Whether a stored clock could have run until then, in nanoseconds of CLOCK_MONOTONIC.
  func isPlausible(at time: Int64) -> Bool {
    0...time ~= deaf && (stoppedAt.map { -time...time ~= $0 } ?? true)
  }
}
