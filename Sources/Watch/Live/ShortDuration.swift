// SPDX-License-Identifier: Apache-2.0

import Platform

/// Durations in the columns of a table: at most seven characters and mostly five, without a space before the
/// unit. All are of nanoseconds.
enum ShortDuration {
  private static let second: Int64 = 1_000_000_000

  /// The time since an event: `0.3s`, `12.4s`, `3m12s`, `2h05m`, `3d04h`.
  static func age(_ nanoseconds: Int64) -> String {
    let nanoseconds = max(0, nanoseconds)
    guard nanoseconds >= 60 * second else { return Digits.tenths(nanoseconds / 100_000_000) + "s" }
    return long(nanoseconds / second)
  }

  /// The time that something took, in whole seconds: `12s`, `3m12s`, `2h05m`, `3d04h`.
  static func whole(_ nanoseconds: Int64) -> String {
    let seconds = max(0, nanoseconds / second)
    return seconds < 60 ? "\(seconds)s" : long(seconds)
  }

  /// The period of something: `100ms`, `1s`, `2.5s`, `10s`, `1m30s`. Two significant digits, and fewer just
  /// below the next power of ten, so that the text of a measured period does not change all the time.
  static func interval(_ nanoseconds: Int64) -> String {
    var unit: Int64 = 1
    while nanoseconds / unit >= 96 { unit *= 10 }
    let rounded = (nanoseconds + unit / 2) / unit * unit
    guard rounded >= second else { return "\(rounded / 1_000_000)ms" }
    guard rounded >= 60 * second else {
      return rounded % second == 0
        ? "\(rounded / second)s" : Digits.tenths(rounded / 100_000_000) + "s"
    }
    return long((nanoseconds + second / 2) / second)
  }

  /// A difference of times: `0.1ms`, `123ms`, `1.2s`, `3m`, `5h30m`, `12.5h`, `25d`.
  static func span(_ nanoseconds: Int64) -> String {
    let seconds = nanoseconds / second
    switch nanoseconds {
    case ..<9_950_000: return Digits.tenths((nanoseconds + 50_000) / 100_000) + "ms"
    case ..<999_500_000: return "\((nanoseconds + 500_000) / 1_000_000)ms"
    case ..<(60 * second): return Digits.tenths((nanoseconds + 50_000_000) / 100_000_000) + "s"
    case ..<(3600 * second): return "\(seconds / 60)m"
    case ..<(36_000 * second): return "\(seconds / 3600)h\(Digits.two(seconds / 60 % 60))m"
    case ..<(360_000 * second): return Digits.tenths(seconds / 360) + "h"
    default: return "\(seconds / 86_400)d"
    }
  }

  /// `span` with two more digits below a millisecond: `0.02ms`.
  static func jitter(_ nanoseconds: Int64) -> String {
    guard nanoseconds < 995_000 else { return span(nanoseconds) }
    return "0.\(Digits.two((nanoseconds + 5000) / 10_000))ms"
  }

  /// `span` with its sign.
  static func signed(_ nanoseconds: Int64) -> String {
    (nanoseconds < 0 ? "-" : "+") + span(Int64(clamping: nanoseconds.magnitude))
  }

  /// `3m12s`, `2h05m`, `3d04h`.
  private static func long(_ seconds: Int64) -> String {
    switch seconds {
    case ..<3600: "\(seconds / 60)m\(Digits.two(seconds % 60))s"
    case ..<86_400: "\(seconds / 3600)h\(Digits.two(seconds / 60 % 60))m"
    default: "\(seconds / 86_400)d\(Digits.two(seconds / 3600 % 24))h"
    }
  }
}
