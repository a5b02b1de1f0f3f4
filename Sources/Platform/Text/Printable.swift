// SPDX-License-Identifier: Apache-2.0

/// Text from outside on its way into one line for a person.
package enum Printable {
  /// Characters shown of a value; the rest is an ellipsis.
  package static let maximumLength = 128

  /// Whether a terminal shows it as a character and as nothing else: no controls, no bidirectional overrides.
  package static func holds(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
    default: true
    }
  }

  /// The text on one line: everything else escaped, and at most ``maximumLength`` characters of it.
  package static func line(_ text: String) -> String {
    var line = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
      guard count < maximumLength else { return line + "…" }
      switch scalar {
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      case _ where holds(scalar): line.unicodeScalars.append(scalar)
      default: line += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return line
  }
}
