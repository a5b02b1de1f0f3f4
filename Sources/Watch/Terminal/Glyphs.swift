// SPDX-License-Identifier: Apache-2.0

/// The symbols of the live view, each one column wide.
struct Glyphs: Equatable, Sendable {
  /// Bars of the sparkline, from low to high.
  let bars: [Unicode.Scalar]
  let alive: Unicode.Scalar
  let late: Unicode.Scalar
  let silent: Unicode.Scalar
  let left: Unicode.Scalar
  let unknown: Unicode.Scalar
  /// Separates two facts.
  let dot: Unicode.Scalar
  /// Marks clipped text.
  let ellipsis: Unicode.Scalar
  /// Separates the ends of a range.
  let range: Unicode.Scalar
  /// The keys that scroll.
  let arrows: String

  static let utf8 = Glyphs(
    bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"], alive: "●", late: "◐", silent: "○", left: "–",
    unknown: "?",
    dot: "·",
    ellipsis: "…",
    range: "–", arrows: "↑↓")

  static let ascii = Glyphs(
    bars: [" ", ".", ":", "-", "=", "+", "*", "#"], alive: "*", late: "+", silent: "!", left: "-",
    unknown: "?",
    dot: "-",
    ellipsis: "~",
    range: "-", arrows: "arrows")

  private static let known = Set(
    utf8.bars + [utf8.alive, utf8.late, utf8.silent, utf8.left, utf8.dot, utf8.ellipsis, utf8.range]
      + utf8.arrows.unicodeScalars)

  /// Whether a scalar is one of the symbols beyond ASCII.
  static func contains(_ scalar: Unicode.Scalar) -> Bool { known.contains(scalar) }

  /// At most `width` characters; the end is clipped.
  func clipped(_ text: String, to width: Int) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > width else { return text }
    guard width > 0 else { return "" }
    return String(String.UnicodeScalarView(scalars.prefix(width - 1))) + String(ellipsis)
  }

  /// At most `width` characters; the start is clipped, since addresses differ at their end.
  func clippedAtStart(_ text: String, to width: Int) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > width else { return text }
    guard width > 0 else { return "" }
    return String(ellipsis) + String(String.UnicodeScalarView(scalars.suffix(width - 1)))
  }
}
