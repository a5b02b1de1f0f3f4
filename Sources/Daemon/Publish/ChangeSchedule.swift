// SPDX-License-Identifier: Apache-2.0

import Platform

/// When a change of readings is sent: at once, and again and again at growing intervals, for a datagram may
/// be lost. As the retransmission of GOOSE (IEC 61850-8-1).
///
/// A pure value; times are in nanoseconds of CLOCK_MONOTONIC.
package struct ChangeSchedule {
  /// After the first copy, in nanoseconds.
  package static let repetitions: [Int64] = [5, 10, 20, 40, 80, 160, 320].map { $0 * 1_000_000 }
  /// From one change to the next: at most 20 a second are sent at once.
  package static let shortestGap: Int64 = 50_000_000
  /// The same for noise beyond its budget, in which a change has no repetitions either: longer than the usual
  /// interval, so that it goes with a heartbeat.
  package static let noiseGap: Int64 = 1_500_000_000
  /// Changes that are noise and sent like others, at once, and a second.
  package static let noiseAtOnce = 10.0
  package static let noiseRate = 1.0 / 60

  /// What is to be sent.
  package enum Copy: Equatable {
    /// The first of a change: what is said from now on has the next number.
    case first
    /// The same once more.
    case repetition
  }

  /// When the first copy of the change was due that is repeated, and how many copies of it were sent.
  private var began: Int64?
  private var sent = 0
  private var copies = 0
  private var spread: ChangeSpread?
  /// A change of which no copy was sent yet.
  private var waiting: (due: Int64, isQuiet: Bool)?
  private var noise = TokenBucket(rate: Self.noiseRate, capacity: Self.noiseAtOnce, now: 0)

  /// Nothing has changed yet.
  init() {}

  /// Something changed. What waits already takes it along.
  ///
  /// - Parameters:
  ///   - spread: Of this host's copies.
  ///   - isNoise: Whether it is nothing but numbers of sensors.
  mutating func change(at now: Int64, spread: ChangeSpread, isNoise: Bool) {
    self.spread = spread
    let isQuiet = isNoise && !noise.take(now: now)
    let earliest = began.map { $0 + (isQuiet ? Self.noiseGap : Self.shortestGap) }
    let due = max(now + spread.delay(of: 0, after: 0), earliest ?? .min)
    waiting = waiting.map { (min($0.due, due), $0.isQuiet && isQuiet) } ?? (due, isQuiet)
  }

  /// When to send next; nil for never.
  var due: Int64? { [waiting?.due, repetition].compactMap { $0 }.min() }

  private var repetition: Int64? {
    guard sent < copies, let began else { return nil }
    let offset = Self.repetitions[sent - 1]
    return began + offset + (spread?.delay(of: sent, after: offset) ?? 0)
  }

  /// A regular heartbeat is about to be sent, which takes along what waits.
  ///
  /// - Returns: Whether something waits: what is said from now on has the next number.
  mutating func takeBeat(at now: Int64) -> Bool {
    guard let change = waiting else { return false }
    begin(change.isQuiet, at: now)
    return true
  }

  private mutating func begin(_ isQuiet: Bool, at time: Int64) {
    (began, waiting) = (time, nil)
    (sent, copies) = (1, isQuiet ? 1 : 1 + Self.repetitions.count)
  }

  /// What is due, which counts as sent from then on; nil for nothing. Of repetitions that a busy loop held up
  /// one is sent.
  mutating func take(at now: Int64) -> Copy? {
    if let change = waiting, change.due <= now {
      begin(change.isQuiet, at: change.due)
      return .first
    }
    let before = sent
    while let repetition, repetition <= now { sent += 1 }
    return sent > before ? .repetition : nil
  }
}
