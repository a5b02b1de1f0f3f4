// SPDX-License-Identifier: Apache-2.0

/// The time from one heartbeat to the next.
package enum HeartbeatInterval {
  /// What can be configured (`interval`), in nanoseconds: 10 ms to 1 h.
  @inlinable @inline(__always)
  package static var range: ClosedRange<Int64> { 10_000_000...3_600_000_000_000 }

  /// The nearest that can be configured.
  @inlinable @inline(__always)
  package static func clamp(_ interval: Int64) -> Int64 {
    max(range.lowerBound, min(range.upperBound, interval))
  }
}
