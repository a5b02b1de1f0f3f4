// SPDX-License-Identifier: Apache-2.0

/// What a reading is at the moment: a number with a unit (`24.5C`), words (`OB DISCHRG`), or `?`, which is
/// unknown. Printable ASCII, 1 to 256 bytes. It is passed on as it is written: nobody converts a number, and
/// nobody guesses a unit.
package struct ReadingValue: Hashable, Sendable {
  /// Bytes of the longest value.
  package static let longest = 256

  /// As it is written, without the quotes and escapes of the wire.
  package let text: String

  /// The value that this text is; nil if it is none.
  package init?(_ text: some StringProtocol) {
    guard (1...Self.longest).contains(text.utf8.count), text.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) else {
      return nil
    }
    self.text = String(text)
  }

  private init(known text: String) { self.text = text }

  /// `?`: what it is cannot be said.
  package static let unknown = ReadingValue(known: "?")

  /// What is accepted, worded to follow "must be".
  package static let accepted = "1 to \(longest) bytes of printable ASCII"

  /// What a value is, by its syntax.
  package enum Kind: Equatable, Sendable {
    case unknown
    case number(unit: Substring)
    case words
  }

  /// What it is: a number is decimal, with `.`, and one of the units; everything else is words.
  package var kind: Kind {
    if self == .unknown { return .unknown }
    var rest = text[...]
    if rest.first == "-" { rest.removeFirst() }
    guard Self.removeDigits(&rest) else { return .words }
    if rest.first == "." {
      rest.removeFirst()
      guard Self.removeDigits(&rest) else { return .words }
    }
    return rest.isEmpty || Self.units.contains(String(rest)) ? .number(unit: rest) : .words
  }

  /// Its number, without the unit, rounded to what a Double has; nil where it is none.
  package var number: Double? {
    guard case .number(let unit) = kind else { return nil }
    return Double(text.dropLast(unit.count))
  }

  /// The units of numbers: degrees Celsius, percent, volts, amperes, watts, volt-amperes, hertz, seconds and
  /// turns a minute.
  package static let units: Set<String> = ["C", "%", "V", "A", "W", "VA", "Hz", "s", "rpm"]

  private static func removeDigits(_ text: inout Substring) -> Bool {
    let count = text.utf8.count
    text = text.drop { $0.isASCII && $0.isNumber }
    return text.utf8.count < count
  }
}

extension ReadingValue: CustomStringConvertible {
  package var description: String { text }
}
