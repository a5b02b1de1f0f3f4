// SPDX-License-Identifier: Apache-2.0

/// Numbers in the few columns that a table has, at most seven characters and mostly five.
enum ShortText {
  private static let second: Int64 = 1_000_000_000

  /// How long ago: `0.3s`, `12.4s`, `3m12s`, `2h05m`, `3d04h`.
  static func age(_ nanoseconds: Int64) -> String {
    let nanoseconds = max(0, nanoseconds)
    guard nanoseconds >= 60 * second else { return tenths(nanoseconds / 100_000_000) + "s" }
    return long(nanoseconds / second)
  }

  /// For how long: `12s`, `3m12s`, `2h05m`, `3d04h`.
  static func duration(_ nanoseconds: Int64) -> String {
    let seconds = max(0, nanoseconds / second)
    return seconds < 60 ? "\(seconds)s" : long(seconds)
  }

  /// How often: `100ms`, `1s`, `2.5s`, `10s`, `1m30s`. Two digits of what was measured, and fewer just below the
  /// next power of ten, so that it stands still.
  static func interval(_ nanoseconds: Int64) -> String {
    var unit: Int64 = 1
    while nanoseconds / unit >= 96 { unit *= 10 }
    let rounded = (nanoseconds + unit / 2) / unit * unit
    guard rounded >= second else { return "\(rounded / 1_000_000)ms" }
    guard rounded >= 60 * second else {
      return rounded % second == 0
        ? "\(rounded / second)s" : tenths(rounded / 100_000_000) + "s"
    }
    return long((nanoseconds + second / 2) / second)
  }

  /// How much: `0.1ms`, `123ms`, `1.2s`, `3m`, `5h30m`, `12.5h`, `25d`.
  static func span(_ nanoseconds: Int64) -> String {
    let seconds = nanoseconds / second
    switch nanoseconds {
    case ..<9_950_000: return tenths((nanoseconds + 50_000) / 100_000) + "ms"
    case ..<999_500_000: return "\((nanoseconds + 500_000) / 1_000_000)ms"
    case ..<(60 * second): return tenths((nanoseconds + 50_000_000) / 100_000_000) + "s"
    case ..<(3600 * second): return "\(seconds / 60)m"
    case ..<(36_000 * second): return "\(seconds / 3600)h\(two(seconds / 60 % 60))m"
    case ..<(360_000 * second): return tenths(seconds / 360) + "h"
    default: return "\(seconds / 86_400)d"
    }
  }

  /// The same, with more digits of little: `0.02ms`.
  static func jitter(_ nanoseconds: Int64) -> String {
    guard nanoseconds < 995_000 else { return span(nanoseconds) }
    return "0.\(two((nanoseconds + 5000) / 10_000))ms"
  }

  /// The same with its sign.
  static func signed(_ nanoseconds: Int64) -> String {
    (nanoseconds < 0 ? "-" : "+") + span(Int64(clamping: nanoseconds.magnitude))
  }

  /// A second: `0.2`, `12.0`, `20134`.
  static func rate(_ number: Double) -> String {
    number < 99.95 ? tenths(Int64(number * 10 + 0.5)) : "\(Int64(number + 0.5))"
  }

  /// `150 B`, `1.2 kB`, `3.4 MB`.
  static func bytes(_ number: Double) -> String {
    guard number >= 1000 else { return "\(Int64(number)) B" }
    var (rest, units) = (number / 1000, ["kB", "MB", "GB", "TB"][...])
    while rest >= 1000, units.count > 1 {
      rest /= 1000
      units = units.dropFirst()
    }
    return "\(rate(rest)) \(units.first ?? "")"
  }

  /// `3m12s`, `2h05m`, `3d04h`.
  private static func long(_ seconds: Int64) -> String {
    switch seconds {
    case ..<3600: "\(seconds / 60)m\(two(seconds % 60))s"
    case ..<86_400: "\(seconds / 3600)h\(two(seconds / 60 % 60))m"
    default: "\(seconds / 86_400)d\(two(seconds / 3600 % 24))h"
    }
  }

  private static func tenths(_ number: Int64) -> String { "\(number / 10).\(number % 10)" }

  /// Two digits.
  static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
