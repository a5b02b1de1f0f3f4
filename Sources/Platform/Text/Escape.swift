// SPDX-License-Identifier: Apache-2.0

/// Which characters must not reach a terminal, a pager or a parser of lines as they are, and what is written
/// in their place. `EscapedText`, `PlainText`, `Printable`, `ConsoleText` and `Screen` are all made of these.
package enum Escape {
  /// 0x20–0x7e, the only bytes that are the same in every encoding and on every terminal.
  @inline(__always)
  package static func isPrintableASCII(_ byte: UInt8) -> Bool { byte >= 0x20 && byte < 0x7f }

  package static func isPrintableASCII(_ scalar: Unicode.Scalar) -> Bool { 0x20..<0x7f ~= scalar.value }

  /// Whether it is no more than a character: not a C0 or C1 control, DEL, a line or paragraph separator or a
  /// bidirectional formatting character, with which text moves the cursor, ends a line or is reordered.
  package static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0x200e, 0x200f, 0x061c, 0x202a...0x202e, 0x2066...0x2069:
      false
    default: true
    }
  }

  /// Whether it is plain and can be seen: none of the characters that a reader of a name or a value would
  /// overlook (zero width, private use, unassigned).
  package static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
    default: true
    }
  }

  /// `\n`, `\xNN` below 0x100, `\u{NNNN}` from there on.
  package static func short(_ scalar: Unicode.Scalar) -> String {
    if scalar == "\n" { return "\\n" }
    return scalar.value < 0x100 ? "\\x" + hexadecimal(scalar.value, digits: 2) : swift(scalar)
  }

  /// `\n`, and `\u{N}` for every other, as in Swift's source code.
  package static func swift(_ scalar: Unicode.Scalar) -> String {
    scalar == "\n" ? "\\n" : "\\u{" + hexadecimal(scalar.value) + "}"
  }

  /// `\uNNNN` of RFC 8259 section 7.
  ///
  /// - Parameter scalar: of the Basic Multilingual Plane, where all that are not plain are.
  package static func json(_ scalar: Unicode.Scalar) -> String {
    "\\u" + hexadecimal(scalar.value, digits: 4)
  }

  /// In lower case.
  ///
  /// - Parameter digits: that there are at least, with zeros before the number.
  package static func hexadecimal(_ number: UInt32, digits: Int = 1) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// - Parameter nibble: 0–15.
  @inline(__always)
  package static func hexadecimalDigit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + (nibble - 10)
  }
}
