// SPDX-License-Identifier: Apache-2.0

import Platform

/// Short forms of rates and sizes for the header; for durations see `ShortDuration`.
enum ShortText {
  /// A rate per second: `0.2`, `12.0`, `20134`.
  static func rate(_ number: Double) -> String {
    number < 99.95 ? Digits.tenths(Int64(number * 10 + 0.5)) : "\(Int64(number + 0.5))"
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
}
