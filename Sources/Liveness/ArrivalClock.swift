// SPDX-License-Identifier: Apache-2.0

/// Puts the kernel's receive stamp (SO_TIMESTAMPNS, CLOCK_REALTIME) on the monotonic clock.
///
/// A beat that waited in the socket while we were stopped carries a stamp older than now, and is judged by that.
/// Where the wall clock was stepped in between, the stamp is off by as much; the two bounds keep it sane, for what
/// is read now arrived after the socket was last empty and not in the future.
package struct ArrivalClock: Sendable {
  private let lead: Int64
  private let now: Int64
  private let emptyAt: Int64

  /// The two clocks, read one after the other, once a batch.
  ///
  /// - Parameters:
  ///   - realtime: CLOCK_REALTIME, in nanoseconds.
  ///   - monotonic: CLOCK_MONOTONIC, in nanoseconds.
  ///   - emptyAt: When the socket was last read until it was empty, in nanoseconds of CLOCK_MONOTONIC; `Int64.min`
  ///     where that is not known, as after a restart.
  package init(realtime: Int64, monotonic: Int64, emptyAt: Int64) {
    lead = realtime - monotonic
    now = monotonic
    self.emptyAt = min(emptyAt, monotonic)
  }

  /// When a datagram with this stamp arrived, in nanoseconds of CLOCK_MONOTONIC.
  package func arrival(stamp: Int64) -> Int64 {
    let (arrival, isOverflow) = stamp.subtractingReportingOverflow(lead)
    return isOverflow ? now : max(emptyAt, min(now, arrival))
  }
}
