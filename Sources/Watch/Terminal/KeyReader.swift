// SPDX-License-Identifier: Apache-2.0

/// A key that was pressed.
enum PressedKey: Equatable, Sendable {
  case character(UInt8)
  case up
  case down
  case pageUp
  case pageDown
  case home
  case end
}

/// Decodes terminal input into keys; a sequence may be split over several reads.
struct KeyReader: Sendable {
  private static let escape: UInt8 = 0x1b
  /// Maximum length of a sequence, in bytes; longer ones are dropped.
  private static let longest = 8

  /// The start of an incomplete escape sequence.
  private var pending: [UInt8] = []

  /// - Returns: the complete keys, without unknown ones.
  mutating func read(_ bytes: some Sequence<UInt8>) -> [PressedKey] {
    var keys: [PressedKey] = []
    for byte in bytes {
      if byte == Self.escape {
        pending = [byte]
      } else if pending.isEmpty {
        keys.append(.character(byte))
      } else if pending.count == 1, byte != UInt8(ascii: "["), byte != UInt8(ascii: "O") {
        // The Escape key, followed by another key.
        pending = []
        keys.append(.character(byte))
      } else {
        pending.append(byte)
        guard pending.count > 2, isComplete(byte) || pending.count > Self.longest else { continue }
        if let key = Self.known(pending.dropFirst()) { keys.append(key) }
        pending = []
      }
    }
    return keys
  }

  /// ECMA-48: ESC [, parameters, and a byte from `@` on; or ESC O and one byte.
  private func isComplete(_ last: UInt8) -> Bool {
    pending[1] == UInt8(ascii: "O") || last >= 0x40
  }

  /// Sequences of xterm, the Linux console and tmux.
  private static func known(_ sequence: ArraySlice<UInt8>) -> PressedKey? {
    switch String(decoding: sequence, as: UTF8.self) {
    case "[A", "OA": .up
    case "[B", "OB": .down
    case "[5~": .pageUp
    case "[6~": .pageDown
    case "[H", "OH", "[1~", "[7~": .home
    case "[F", "OF", "[4~", "[8~": .end
    default: nil
    }
  }
}
