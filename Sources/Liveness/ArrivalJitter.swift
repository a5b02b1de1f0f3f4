// SPDX-License-Identifier: Apache-2.0

/// How unevenly a peer's beats arrive: the mean difference between two of them in a row and the interval, or
/// a multiple of it where some are missing. Smoothed as the interarrival jitter of RFC 3550 (6.4.1), but
/// without the times in the beats, for a sender's clock has no influence on a verdict.
struct ArrivalJitter: Equatable, Sendable {
  /// The longest difference that counts, in microseconds: a minute.
  private static let longest: Int64 = 60_000_000

  /// In sixteenths of a microsecond, as in appendix A.8.
  private var sixteenths: UInt32 = 0

  /// In nanoseconds, 0 to a minute.
  @inline(__always)
  var nanoseconds: Int64 { Int64(sixteenths >> 4) * 1000 }

  /// Notes the time from one beat to the next. One that comes before three quarters of the interval is a beat
  /// besides the regular ones, and tells nothing.
  ///
  /// - Parameters:
  ///   - gap: Nanoseconds, 0 or more.
  ///   - interval: Nanoseconds, more than 0.
  mutating func note(gap: Int64, interval: Int64) {
    guard gap >= interval / 4 * 3 else { return }
    // No division for nearly all beats.
    let rest = gap < interval + interval / 2 ? abs(gap - interval) : gap % interval
    let difference = UInt32(min(min(rest, interval - rest) / 1000, Self.longest))
    sixteenths = sixteenths &+ difference &- ((sixteenths &+ 8) >> 4)
  }

  /// As `PeerLine` has it.
  mutating func code(with coder: inout some FieldCoder) { coder.code(&sixteenths) }

  /// Whether a stored one can have been noted.
  var isPlausible: Bool { Int64(sixteenths >> 4) <= Self.longest }
}
