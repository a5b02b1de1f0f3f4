// SPDX-License-Identifier: Apache-2.0

/// Text for people, broken between words.
package enum WrappedText {
  /// Escapes a text as one line, and breaks it into lines of a width. A word longer than that stays whole.
  ///
  /// - Parameters:
  ///   - start: Stands before the text.
  ///   - indent: Blanks before the lines that follow the first.
  ///   - width: Columns, one for each character; nil breaks nothing.
  package static func lines(_ text: String, after start: String, indent: Int, width: Int?) -> [String] {
    let text = PlainText.oneLine(text)
    guard let width else { return [start + text] }
    var lines: [String] = []
    var current = start
    var isEmpty = start.allSatisfy { $0 == " " || $0 == "→" }
    var separator = ""
    for word in text.split(separator: " ") {
      if !isEmpty, columns(current) + columns(separator) + columns(word) > width {
        lines.append(withoutTrailingBlanks(current))
        current = String(repeating: " ", count: indent)
        separator = ""
      }
      current += separator + word
      separator = " "
      isEmpty = false
    }
    return lines + [current]
  }

  private static func columns(_ text: some StringProtocol) -> Int { text.unicodeScalars.count }

  private static func withoutTrailingBlanks(_ text: String) -> String {
    String(text.dropLast(text.reversed().prefix { $0 == " " }.count))
  }
}
