// SPDX-License-Identifier: Apache-2.0

/// The program's own text, one line of it: UTF-8 such as `·` and `…` is kept; what could move a terminal's cursor,
/// end a line or reorder it is not.
///
/// Own messages quote what came from elsewhere (names of interfaces, values of settings), so they are not harmless by
/// being our own.
package enum PlainText {
  /// C0 and C1 controls, DEL, line and paragraph separators and the bidirectional formatting characters become `\n`,
  /// `\xNN` or `\u{NNNN}`. The backslash stays as it is.
  package static func oneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: mustBeEscaped) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if !mustBeEscaped(scalar) {
        result.unicodeScalars.append(scalar)
      } else if scalar == "\n" {
        result += "\\n"
      } else {
        let digits = String(scalar.value, radix: 16)
        result += scalar.value < 0x100 ? "\\x\(digits.count < 2 ? "0" : "")\(digits)" : "\\u{\(digits)}"
      }
    }
    return result
  }

  /// At most `limit` bytes of UTF-8, cut between scalars, with `…` for the rest.
  package static func clipped(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var result = String.UnicodeScalarView()
    var bytes = EscapedText.ellipsisLength
    for scalar in text.unicodeScalars {
      bytes += UTF8.width(scalar)
      guard bytes <= limit else { break }
      result.append(scalar)
    }
    return String(result) + "…"
  }

  /// Whether `oneLine` keeps it.
  package static func isPlain(_ scalar: Unicode.Scalar) -> Bool { !mustBeEscaped(scalar) }

  /// Whether a terminal or a reader of lines would take it for more than a character.
  package static func mustBeEscaped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0x200e, 0x200f, 0x061c, 0x202a...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}
