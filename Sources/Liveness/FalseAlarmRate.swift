// SPDX-License-Identifier: Apache-2.0

/// How often a group may be called silent in error (`peers.false-alarms`): `1/y`, `0.5/d`, `2/h`.
package struct FalseAlarmRate: Equatable, Sendable, CustomStringConvertible {
  /// What the rate is for.
  package enum Unit: Character, CaseIterable, Sendable {
    case hour = "h"
    case day = "d"
    case year = "y"

    /// Seconds.
    var seconds: Double {
      switch self {
      case .hour: 3600
      case .day: 86_400
      case .year: FalseAlarmRate.year
      }
    }
  }

  /// Seconds of a year, of 365.25 days.
  package static let year = 31_557_600.0
  /// What can be configured, in false alarms a year: once in a thousand years to a hundred an hour.
  package static let range = 0.001...876_600.0
  /// Once a year.
  package static let standard = FalseAlarmRate(thousandths: 1000, unit: .year)

  private let thousandths: Int
  private let unit: Unit

  private init(thousandths: Int, unit: Unit) {
    self.thousandths = thousandths
    self.unit = unit
  }

  /// Reads a rate: a decimal with up to three digits after the point, a slash, and `h`, `d` or `y`.
  ///
  /// - Returns: nil where it is none, or not in `range`.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].count == 1, let unit = parts[1].first.flatMap({ Unit(rawValue: $0) }),
      let thousandths = Self.thousandths(parts[0])
    else { return nil }
    self.init(thousandths: thousandths, unit: unit)
    guard Self.range ~= perYear else { return nil }
  }

  private static func thousandths(_ text: Substring) -> Int? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count),
      parts.allSatisfy({ part in !part.isEmpty && part.utf8.allSatisfy { 0x30...0x39 ~= $0 } }),
      // The highest rate has six digits.
      parts[0].utf8.count <= 9, parts.count < 2 || parts[1].utf8.count <= 3
    else { return nil }
    let fraction = parts.count < 2 ? "" : String(parts[1])
    return Int(parts[0] + fraction + String(repeating: "0", count: 3 - fraction.utf8.count))
  }

  /// False alarms a year, in `range`.
  package var perYear: Double { Double(thousandths) / 1000 * (Self.year / unit.seconds) }

  /// As it is configured, without zeros that say nothing.
  package var description: String {
    let (whole, rest) = thousandths.quotientAndRemainder(dividingBy: 1000)
    guard rest > 0 else { return "\(whole)/\(unit.rawValue)" }
    var digits = String(String(1000 + rest).dropFirst())
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(whole).\(digits)/\(unit.rawValue)"
  }
}
