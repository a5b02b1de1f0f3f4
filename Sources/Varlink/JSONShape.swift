// SPDX-License-Identifier: Apache-2.0

/// Checks of a JSON text before it is decoded, so that hostile text never reaches the decoder.
package enum JSONShape {
  /// Whether the bytes may be given to a JSON decoder: UTF-8 without control characters, an object at the
  /// top, and nested no deeper than `depth`.
  ///
  /// The decoder alone is not enough: it guesses UTF-16 and UTF-32, skips a byte order mark, lets bad UTF-8
  /// pass in strings that are not decoded, and recurses up to 512 deep.
  package static func isPlausibleObject(_ bytes: [UInt8], depth limit: Int) -> Bool {
    guard let first = bytes.first(where: { !isSpace($0) }), first == UInt8(ascii: "{") else { return false }
    var depth = 0
    var inString = false
    var escaped = false
    for byte in bytes {
      if byte < 0x20 && (inString || !isSpace(byte)) { return false }
      if inString {
        if escaped {
          escaped = false
        } else if byte == UInt8(ascii: "\\") {
          escaped = true
        } else if byte == UInt8(ascii: "\"") {
          inString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): inString = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        if depth > limit { return false }
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        if depth < 0 { return false }
      default: break
      }
    }
    return depth == 0 && !inString && String(validating: bytes, as: UTF8.self) != nil
  }

  /// RFC 8259, section 2: insignificant white space.
  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }
}
