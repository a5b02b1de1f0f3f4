// SPDX-License-Identifier: Apache-2.0

/// Converts the kernel's receive stamp (SO_TIMESTAMPNS, CLOCK_REALTIME) to CLOCK_MONOTONIC.
///
/// A heartbeat that waited in the socket while the daemon was stopped is judged by its stamp, not by when it
/// is read. Where the wall clock was stepped in between, the stamp is of before or after the step. What is
/// read now arrived after the socket was last empty and not in the future: where that leaves both, the later
/// one counts, which makes nobody silent, and where it leaves neither, as between two steps, the present.
struct ArrivalClock: Sendable {
  /// Less is the reading of two clocks one after the other, or a clock that is slewed.
  private static let leastStep: Int64 = 1_000_000
  /// How far off a reading of two clocks may be on a busy host.
  private static let inaccuracy: Int64 = 100_000_000

  /// How far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC.
  let lead: Int64
  private let formerLead: Int64
  private let isStepped: Bool
  private let now: Int64
  private let emptyAt: Int64

  /// The two clocks, read one after the other, once a batch.
  ///
  /// - Parameters:
  ///   - realtime: CLOCK_REALTIME, in nanoseconds.
  ///   - monotonic: CLOCK_MONOTONIC, in nanoseconds.
  ///   - emptyAt: When the socket was last read until it was empty, in nanoseconds of CLOCK_MONOTONIC;
  ///     `Int64.min` where that is not known, as after a restart.
  ///   - formerLead: How far CLOCK_REALTIME was ahead then; nil for as far as now.
  init(realtime: Int64, monotonic: Int64, emptyAt: Int64, formerLead: Int64? = nil) {
    lead = realtime - monotonic
    self.formerLead = formerLead ?? lead
    let (step, isOverflow) = lead.subtractingReportingOverflow(self.formerLead)
    isStepped = isOverflow || step.magnitude > UInt64(Self.leastStep)
    now = monotonic
    self.emptyAt = min(emptyAt, monotonic)
  }

  /// When a datagram with this stamp arrived, in nanoseconds of CLOCK_MONOTONIC.
  ///
  /// - Parameter stamp: Nanoseconds of CLOCK_REALTIME.
  func arrival(stamp: Int64) -> Int64 {
    let (arrival, isOverflow) = stamp.subtractingReportingOverflow(lead)
    // A stamp of long before the socket was empty is of a clock in between: what is read now may be of now.
    let isUnlikely = isOverflow || arrival < max(emptyAt, .min + Self.inaccuracy) - Self.inaccuracy
    let likely = isUnlikely ? now : max(emptyAt, min(now, arrival))
    guard isStepped else { return likely }
    let (former, isFormerOverflow) = stamp.subtractingReportingOverflow(formerLead)
    guard !isFormerOverflow, emptyAt...now ~= former else { return likely }
    return !isOverflow && emptyAt...now ~= arrival ? max(arrival, former) : former
  }
}
