// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// In which order a host said what is heard of it, by the run of its process, the number of its state and
/// those of its heartbeats; and whether another sender uses its name.
///
/// Numbers are a sender's choice, and where nothing has to be proved anybody may forge them. Those that are
/// far ahead must not keep the host itself from being heard once their sender has stopped.
///
/// A pure value; times are in nanoseconds of CLOCK_MONOTONIC.
struct SaidOrder: Sendable {
  /// What a heartbeat is to those before it.
  enum Finding {
    /// It counts.
    case later
    /// It comes too late.
    case earlier
    /// It is of another sender that uses the name.
    case foreign
  }

  /// What was accepted last: when, and how long until the next one, in nanoseconds.
  struct Last {
    var heard: Int64
    var interval: Int64
  }

  /// A sender of the same run that is behind in its numbers, and goes on.
  private struct Rival: Sendable {
    var state: UInt64
    var sequence: UInt64
    var via: UInt8
    var began: Int64
  }

  /// How long heartbeats may still come after later ones, in nanoseconds: they were on their way, as when
  /// their host was restarted. Those that come after that are another sender's.
  private static let overlap: Int64 = 1_000_000_000

  /// How long a sender is waited for that says that it beats slowly, for nothing but its word, in
  /// nanoseconds.
  static let longestWord: Int64 = 60_000_000_000

  private var run: UInt64 = 0
  private var state: UInt64 = 0
  /// The number of the heartbeat that was accepted last, and of which interface.
  private var sequence: UInt64 = 0
  private var via: UInt8 = 0
  private var runBegan: Int64
  private var rival: Rival?

  /// Nothing was said yet.
  init(at time: Int64) { runBegan = time }

  /// What a heartbeat is to those before it.
  ///
  /// - Parameters:
  ///   - interval: Of its sender, in nanoseconds.
  ///   - last: Before it.
  ///   - isProved: Whether both are authentic.
  mutating func find(
    _ said: Announcement, at arrival: Int64, every interval: Int64, after last: Last, isProved: Bool
  ) -> Finding {
    if said.run < run {
      // A host whose clock was set back is believed once its run before is not heard any more.
      let span = max(Self.longestWord, beats(of: interval), last.heard &- runBegan)
      guard isHeld(at: arrival, last, for: span) else { return .later }
      return arrival - runBegan > Self.overlap ? .foreign : .earlier
    }
    guard said.run == run, isEarlier(said) else { return .later }
    // Nobody forged numbers that are proved: what is behind them was recorded, and is sent again.
    guard !isProved, isOfRival(said, at: arrival) else { return .earlier }
    return isHeld(at: arrival, last, for: beats(of: interval)) ? .foreign : .later
  }

  private func beats(of interval: Int64) -> Int64 { HostFacts.freshBeats * interval }

  /// Whether the present sender may be expected to be heard again: for five of its beats, as it says, but not
  /// longer than a time that something other than its word speaks for.
  private func isHeld(at arrival: Int64, _ last: Last, for span: Int64) -> Bool {
    let (gap, isOverflow) = arrival.subtractingReportingOverflow(last.heard)
    return !isOverflow && gap <= min(beats(of: last.interval), span)
  }

  /// Whether the numbers tell that a heartbeat of the same run was sent before the last one that counted.
  private func isEarlier(_ said: Announcement) -> Bool {
    if said.state != state { return said.state < state }
    return said.via == via && said.sequence < sequence
  }

  /// Whether it is one of several, in their order, for longer than they can have been on their way.
  private mutating func isOfRival(_ said: Announcement, at arrival: Int64) -> Bool {
    let isNext =
      rival.map { rival in
        said.state > rival.state
          || said.state == rival.state && (said.via != rival.via || said.sequence > rival.sequence)
      } ?? false
    let began = isNext ? rival?.began ?? arrival : arrival
    rival = Rival(state: said.state, sequence: said.sequence, via: said.via, began: began)
    return arrival - began > Self.overlap
  }

  /// Notes a heartbeat that counts.
  ///
  /// - Returns: Whether the one before was of another run, or another sender.
  mutating func accept(_ said: Announcement, at arrival: Int64) -> Bool {
    let isOther = said.run != run || isEarlier(said)
    if said.run != run { runBegan = arrival }
    (run, state, sequence, via, rival) = (said.run, said.state, said.sequence, said.via, nil)
    return isOther
  }
}
