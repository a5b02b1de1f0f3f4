// SPDX-License-Identifier: Apache-2.0

/// How many beats of a peer may be missing, and how late they may be, from what is lost of them and how
/// unevenly they arrive. Times are in nanoseconds of the listening clock.
struct Tolerance: Equatable, Sendable {
  /// What the network lost of its beats.
  private(set) var losses = LossRuns()
  /// How unevenly they arrive.
  private(set) var jitter = ArrivalJitter()
  /// How many may be missing.
  private(set) var patience = Patience()

  /// Notes a beat before which all that arrived could be heard.
  ///
  /// - Parameters:
  ///   - gap: Since the beat before.
  ///   - numbered: How many were sent between the two, by their numbers; nil where they have none.
  ///   - interval: At which it was expected.
  ///   - wasSilent: Whether the peer was called silent meanwhile. What counts then is what it surely sent: it
  ///     was silent in error.
  ///   - share: False alarms a year that are allowed for this peer.
  mutating func note(gap: Int64, numbered: UInt32?, interval: Int64, wasSilent: Bool, share: Double) {
    guard !wasSilent || numbered != nil else { return }
    var missing = Patience.missing(gap: gap, interval: interval, jitter: jitter.nanoseconds)
    if let numbered {
      // More than the time had room for were no regular beats, or were sent while this host was suspended.
      let sent = numbered > 0 ? min(numbered, UInt32(clamping: gap / interval + 1)) : 0
      missing = wasSilent ? sent : max(missing, sent)
    }
    // A silence says nothing of how unevenly beats come.
    if missing <= LossRuns.longestRun { jitter.note(gap: gap, interval: interval) }
    losses.note(missing: missing)
    if losses.isReviewDue { review(interval: interval, share: share) }
  }

  /// Finds anew how many may be missing.
  ///
  /// - Parameter share: False alarms a year that are allowed for this peer.
  mutating func review(interval: Int64, share: Double) {
    patience.review(losses, Patience.Allowance(share: share, interval: interval))
  }

  /// How late a beat may be.
  func margin(_ interval: Int64) -> Int64 {
    Patience.margin(interval: interval, jitter: jitter.nanoseconds)
  }

  /// How long after its last beat the peer is late.
  @inline(__always)
  func lateAfter(_ interval: Int64) -> Int64 {
    patience.lateAfter(interval: interval, jitter: jitter.nanoseconds)
  }

  /// How long after its last beat the peer is silent.
  @inline(__always)
  func silentAfter(_ interval: Int64) -> Int64 {
    patience.silentAfter(interval: interval, jitter: jitter.nanoseconds)
  }

  /// How it came about.
  ///
  /// - Parameter share: False alarms a year that are allowed for this peer.
  func explanation(interval: Int64, share: Double) -> Patience.Explanation {
    patience.explanation(losses, Patience.Allowance(share: share, interval: interval))
  }

  /// As `PeerLine` has it.
  mutating func code(with coder: inout some FieldCoder) {
    losses.code(with: &coder)
    jitter.code(with: &coder)
    patience.code(with: &coder)
  }

  /// Whether a stored one holds nothing that could not have been noted.
  var isPlausible: Bool { losses.isPlausible && jitter.isPlausible && patience.isPlausible }
}
