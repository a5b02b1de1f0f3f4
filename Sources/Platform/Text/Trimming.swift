// SPDX-License-Identifier: Apache-2.0

extension StringProtocol {
  /// Without the blanks and line ends at either end.
  package func trimmingBlanks() -> String {
    let isBlank: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\n" }
    let front = unicodeScalars.drop(while: isBlank)
    guard let last = front.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(String.UnicodeScalarView(front[...last]))
  }
}
