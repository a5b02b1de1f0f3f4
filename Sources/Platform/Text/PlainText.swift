// SPDX-License-Identifier: Apache-2.0

/// Text of the program's own on one line: UTF-8 such as `·` and `…` is kept, everything that is not plain
/// (`Escape.isPlain`) is escaped, since own messages quote names of interfaces and values of settings.
package enum PlainText {
  /// What is not plain becomes `\n`, `\xNN` or `\u{NNNN}`. The backslash stays as it is.
  package static func oneLine(_ text: String) -> String {
    guard !text.unicodeScalars.allSatisfy(Escape.isPlain) else { return text }
    return text.unicodeScalars.reduce(into: "") { line, scalar in
      if Escape.isPlain(scalar) { line.unicodeScalars.append(scalar) } else { line += Escape.short(scalar) }
    }
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
}

/// A name or a value from outside, quoted in a line for a person: everything in it can be seen.
package enum Printable {
  /// Characters shown of a value; the rest is an ellipsis.
  package static let maximumLength = 128

  /// The text on one line: `\\`, `\n`, and `\u{N}` for what is not visible (`Escape.isVisible`); at most
  /// ``maximumLength`` characters of it.
  package static func line(_ text: String) -> String {
    var line = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
      guard count < maximumLength else { return line + "…" }
      switch scalar {
      case "\\": line += "\\\\"
      case _ where Escape.isVisible(scalar): line.unicodeScalars.append(scalar)
      default: line += Escape.swift(scalar)
      }
    }
    return line
  }
}

/// A word of a file, for an error about it: at most 100 characters, and `''` for none.
package func quoted(_ text: some StringProtocol) -> String {
  text.isEmpty ? "''" : Printable.line("\(text.prefix(100))")
}
