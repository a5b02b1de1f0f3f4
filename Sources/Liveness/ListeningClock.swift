// SPDX-License-Identifier: Apache-2.0

/// CLOCK_MONOTONIC minus the time in which no heartbeat could have been received: the daemon was down, an
/// impediment lasted, or the kernel dropped a share of the datagrams.
///
/// Timeouts run on it, so that a fault of this host never counts against a peer.
struct ListeningClock: Equatable, Sendable {
  /// Nanoseconds in which nothing could be received.
  private(set) var outage: Int64 = 0
  /// The reading at which the clock stands still; nil while it runs.
  private(set) var stoppedAt: Int64?
  /// Up to when kernel drops are accounted for, in nanoseconds of CLOCK_MONOTONIC.
  private(set) var dropsNotedUntil: Int64 = .min

  /// The last span of which something was taken out, in nanoseconds of CLOCK_MONOTONIC, and how much: it is
  /// known only at its end, and datagrams of it may be read after that.
  private var spanStart: Int64 = .min
  private var spanEnd: Int64 = .min
  private var spanOutage: Int64 = 0

  /// The reading at a time of CLOCK_MONOTONIC, both in nanoseconds. Exact from the beginning of the last span
  /// on of which something was taken out.
  func reading(at time: Int64) -> Int64 {
    if let stoppedAt { return stoppedAt }
    guard time < spanEnd else { return time - outage }
    guard time > spanStart else { return time - outage + spanOutage }
    let rest = Double(spanEnd - time) / Double(spanEnd - spanStart)
    return time - outage + Int64(Double(spanOutage) * rest)
  }

  private mutating func takeOut(_ span: Int64, from start: Int64, to end: Int64) {
    outage += span
    (spanStart, spanEnd, spanOutage) = (start, end, span)
  }

  /// The time of CLOCK_MONOTONIC at which the clock has this reading; nil while it stands still.
  func time(of reading: Int64) -> Int64? {
    stoppedAt == nil ? reading + outage : nil
  }

  /// Stands still at a reading, the earliest of those it is stopped at.
  mutating func stop(at reading: Int64) {
    stoppedAt = min(reading, stoppedAt ?? .max)
  }

  /// Goes on from where it stopped.
  ///
  /// - Parameters:
  ///   - time: Nanoseconds of CLOCK_MONOTONIC.
  ///   - isOurFault: Whether beats that are missing meanwhile were sent and could not be received.
  mutating func goOn(at time: Int64, isOurFault: Bool) {
    guard let reading = stoppedAt else { return }
    stoppedAt = nil
    let span = time - reading - outage
    if span > 0 { takeOut(span, from: time - span, to: time) }
    if isOurFault { dropsNotedUntil = max(dropsNotedUntil, time) }
  }

  /// Takes out of a span of time the share that the kernel dropped of its datagrams.
  ///
  /// - Parameters:
  ///   - dropped: Datagrams of any kind that the kernel dropped.
  ///   - received: Datagrams of any kind that were read.
  ///   - start: Nanoseconds of CLOCK_MONOTONIC.
  ///   - end: Nanoseconds of CLOCK_MONOTONIC.
  mutating func noteDrops(_ dropped: Int, received: Int, from start: Int64, to end: Int64) {
    let start = max(start, dropsNotedUntil)
    guard dropped > 0, end > start else { return }
    dropsNotedUntil = end
    guard stoppedAt == nil else { return }
    let share = Double(dropped) / (Double(dropped) + Double(max(received, 0)))
    takeOut(Int64(Double(end - start) * min(1, share)), from: start, to: end)
  }

  /// Takes out a span of CLOCK_MONOTONIC, in nanoseconds, in which nothing could be received.
  mutating func noteOutage(from start: Int64, to end: Int64) {
    noteDrops(1, received: 0, from: start, to: end)
  }

  /// Whether a stored clock could have run until then, in nanoseconds of CLOCK_MONOTONIC.
  func isPlausible(at time: Int64) -> Bool {
    0...time ~= outage && (stoppedAt.map { -time...time ~= $0 } ?? true)
  }
}

extension ListeningClock: Codable {
  // As peers.json has them since 0.1.0.
  private enum CodingKeys: String, CodingKey {
    case outage = "deaf"
    case stoppedAt
    case dropsNotedUntil
  }
}
