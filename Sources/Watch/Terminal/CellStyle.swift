// SPDX-License-Identifier: Apache-2.0

/// Colour and weight of a character (ECMA-48, SGR). Base colours only: users configure them in the terminal.
struct CellStyle: Equatable, Sendable {
  enum Colour: UInt8, Sendable {
    case standard = 0
    case red = 31
    case green = 32
    case yellow = 33
  }

  enum Weight: UInt8, Sendable {
    case normal = 0
    case bold = 1
    case dim = 2
  }

  var colour = Colour.standard
  var weight = Weight.normal

  static let plain = CellStyle()
  static let bold = CellStyle(weight: .bold)
  static let dim = CellStyle(weight: .dim)

  /// The escape sequence that switches to this style from any other.
  func sequence(coloured: Bool) -> String {
    var codes = "\u{1b}[0"
    if weight != .normal { codes += ";\(weight.rawValue)" }
    if coloured, colour != .standard { codes += ";\(colour.rawValue)" }
    return codes + "m"
  }
}
