// SPDX-License-Identifier: Apache-2.0

/// Whether the kernel drops so large a share of all datagrams that missing beats say nothing of their
/// senders.
///
/// `LivenessRule.dropShareLimit` is the limit; below it `ListeningClock.noteDrops` allows for the share.
package struct DropShare: Equatable, Sendable {
  /// A change of that.
  package enum Change: Equatable, Sendable {
    /// Too much is dropped: this share of all datagrams.
    case suspended(share: Double)
    /// It has been less for five seconds; judgement was suspended for so many nanoseconds.
    case resumed(after: Int64)
  }

  /// Since when verdicts are suspended, in nanoseconds of CLOCK_MONOTONIC; nil while they are not.
  private(set) var suspendedSince: Int64?
  private var lastOver: Int64 = 0
  /// What was counted since the last judgement, and when that was.
  private var countedSince: Int64
  private var dropped = 0
  private var read = 0

  /// Nothing dropped.
  ///
  /// - Parameter now: From when on it counts, in nanoseconds of CLOCK_MONOTONIC.
  init(at now: Int64) { countedSince = now }

  /// Counts what happened at the socket, whatever the datagrams were.
  mutating func count(dropped: Int, read: Int) {
    self.dropped += dropped
    self.read += read
  }

  /// Judges what was counted since the last call; to be called about once a second.
  ///
  /// - Parameter now: Nanoseconds of CLOCK_MONOTONIC.
  mutating func judge(at now: Int64) -> Change? {
    defer { (countedSince, dropped, read) = (now, 0, 0) }
    return note(dropped: dropped, read: read, from: countedSince, to: now)
  }

  /// Notes what happened at the socket in a span of time, about a second.
  ///
  /// - Parameters:
  ///   - dropped: Datagrams of any kind that the kernel dropped.
  ///   - read: Datagrams of any kind that were read.
  ///   - start: When the counts were read before, in nanoseconds of CLOCK_MONOTONIC.
  ///   - end: When they were read now.
  mutating func note(dropped: Int, read: Int, from start: Int64, to end: Int64) -> Change? {
    let share = Double(max(0, dropped)) / max(1, Double(max(0, dropped)) + Double(max(0, read)))
    if share > LivenessRule.dropShareLimit {
      lastOver = end
      guard suspendedSince == nil else { return nil }
      suspendedSince = start
      return .suspended(share: share)
    }
    guard let since = suspendedSince, end - lastOver >= LivenessRule.dropShareCalm else { return nil }
    suspendedSince = nil
    return .resumed(after: max(0, end - since))
  }
}
