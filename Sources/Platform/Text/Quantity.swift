// SPDX-License-Identifier: Apache-2.0

/// Numbers with units, in the spellings of systemd.time(7) and of systemd's sizes.
package enum Quantity {
  /// Nanoseconds a unit. Case matters, since systemd's `M` is a month.
  private static let timeUnits: [String: Int] = {
    var units = [
      "ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "msec": 1_000_000, "usec": 1_000,
    ]
    for name in ["s", "sec", "second", "seconds"] { units[name] = 1_000_000_000 }
    for name in ["m", "min", "minute", "minutes"] { units[name] = 60_000_000_000 }
    for name in ["h", "hr", "hour", "hours"] { units[name] = 3_600_000_000_000 }
    return units
  }()

  /// Bytes a unit, to the base 1024 as in systemd; `kB` and `MB` mean different things to different people
  /// and are refused.
  private static let byteUnits: [String: Int] = [
    "": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "m": 1 << 20, "mib": 1 << 20, "g": 1 << 30, "gib": 1 << 30,
  ]

  /// Nanoseconds of `10ms`, `1.5s`, `1min 30s`; `nil` without a unit.
  package static func nanoseconds(_ text: String) -> Int? {
    var rest = text[...]
    var total = 0
    repeat {
      guard let term = term(&rest, unit: { timeUnits[$0] }) else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(term)
      guard !overflow else { return nil }
      total = sum
      rest = rest.drop { $0 == " " }
    } while !rest.isEmpty
    return total
  }

  /// Bytes of `65536`, `4MiB`, `512K`, `1.5G`.
  package static func bytes(_ text: String) -> Int? {
    var rest = text[...]
    guard let bytes = term(&rest, unit: { byteUnits[$0.lowercased()] }), rest.isEmpty else { return nil }
    return bytes
  }

  /// A whole number of nothing but digits; `Int` would take a sign.
  package static func whole(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy(isDigit) else { return nil }
    return Int(text)
  }

  /// The number of nanoseconds in the largest unit that divides it.
  package static func timeText(_ nanoseconds: Int) -> String {
    text(
      nanoseconds,
      [
        (3_600_000_000_000, "h"), (60_000_000_000, "min"), (1_000_000_000, "s"), (1_000_000, "ms"),
        (1_000, "us"), (1, "ns"),
      ])
  }

  /// The number of bytes in the largest unit that divides it.
  package static func bytesText(_ bytes: Int) -> String {
    text(bytes, [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "")])
  }

  private static func text(_ value: Int, _ units: [(size: Int, name: String)]) -> String {
    let unit = units.first { value != 0 && value % $0.size == 0 } ?? (1, "")
    return "\(value / unit.size)\(unit.name)"
  }

  /// Takes one number with its unit from the front; `nil` when it is not one, is not whole in the base unit,
  /// or does not fit.
  private static func term(_ rest: inout Substring, unit size: (String) -> Int?) -> Int? {
    let whole = take(&rest) { $0.utf8.allSatisfy(isDigit) }
    var fraction = ""[...]
    if rest.first == "." {
      rest.removeFirst()
      fraction = take(&rest) { $0.utf8.allSatisfy(isDigit) }
      guard (1...9).contains(fraction.count) else { return nil }
    }
    rest = rest.drop { $0 == " " }
    let unit = take(&rest) { $0.isLetter }
    guard let whole = Quantity.whole(whole), let size = size(String(unit)) else { return nil }
    let (product, overflow) = whole.multipliedReportingOverflow(by: size)
    guard !overflow else { return nil }
    guard let numerator = Quantity.whole(fraction) else { return fraction.isEmpty ? product : nil }
    // Below 10^9 × 3.6 × 10^12, which is more than 64 bits hold: multiply in full width.
    let denominator = fraction.reduce(1) { power, _ in power * 10 }
    let (high, low) = numerator.multipliedFullWidth(by: size)
    let (part, remainder) = denominator.dividingFullWidth((high, low))
    guard remainder == 0 else { return nil }
    let (sum, overflowed) = product.addingReportingOverflow(part)
    return overflowed ? nil : sum
  }

  private static func take(_ rest: inout Substring, while matches: (Character) -> Bool) -> Substring {
    let taken = rest.prefix(while: matches)
    rest = rest[taken.endIndex...]
    return taken
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
