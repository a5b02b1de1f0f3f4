// SPDX-License-Identifier: Apache-2.0

/// Base64 (RFC 4648) without padding, in buffers of the caller: nothing is allocated. Of bytes there is one
/// text in an alphabet, so that no second one passes for it.
enum Base64 {
  enum Alphabet {
    /// `+` and `/`, section 4.
    case standard
    /// `-` and `_`, section 5.
    case url
    /// Any of these four, to be read only; written as `standard`.
    case either
  }

  /// Characters without padding.
  static func encodedCount(_ bytes: Int) -> Int { (bytes * 8 + 5) / 6 }

  /// Writes the characters of some bytes.
  ///
  /// - Parameter output: `encodedCount` bytes at least; what does not fit is left out.
  static func encode(
    _ bytes: UnsafeRawBufferPointer, _ alphabet: Alphabet, into output: UnsafeMutableRawBufferPointer
  ) {
    var (pending, bits, byte) = (UInt32(0), 0, 0)
    for place in 0..<min(encodedCount(bytes.count), output.count) {
      if bits < 6 {
        // The last character has bits beyond the last byte, which are 0.
        pending = pending << 8 | (byte < bytes.count ? UInt32(bytes[byte]) : 0)
        byte += 1
        bits += 8
      }
      bits -= 6
      output[place] = character(UInt8(truncatingIfNeeded: pending >> UInt32(bits)) & 0x3f, alphabet)
    }
  }

  /// Reads characters.
  ///
  /// - Parameter output: Takes the bytes. Written to also where the result is nil.
  /// - Returns: The number of bytes; nil for another character, a number of characters that no bytes have,
  ///   bits beyond the last byte that are not 0 (section 3.5), or more bytes than `output` has.
  static func decode(
    _ characters: UnsafeRawBufferPointer, _ alphabet: Alphabet, into output: UnsafeMutableRawBufferPointer
  ) -> Int? {
    var (pending, bits, count) = (UInt32(0), 0, 0)
    for character in characters {
      guard let value = value(of: character, alphabet) else { return nil }
      pending = pending << 6 | UInt32(value)
      bits += 6
      guard bits >= 8 else { continue }
      guard count < output.count else { return nil }
      bits -= 8
      output[count] = UInt8(truncatingIfNeeded: pending >> UInt32(bits))
      count += 1
    }
    guard bits < 6, pending & (1 << UInt32(bits) - 1) == 0 else { return nil }
    return count
  }

  private static func character(_ value: UInt8, _ alphabet: Alphabet) -> UInt8 {
    switch value {
    case ..<26: UInt8(ascii: "A") + value
    case ..<52: UInt8(ascii: "a") + value - 26
    case ..<62: UInt8(ascii: "0") + value - 52
    case 62: alphabet == .url ? UInt8(ascii: "-") : UInt8(ascii: "+")
    default: alphabet == .url ? UInt8(ascii: "_") : UInt8(ascii: "/")
    }
  }

  private static func value(of character: UInt8, _ alphabet: Alphabet) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "-"): alphabet == .standard ? nil : 62
    case UInt8(ascii: "_"): alphabet == .standard ? nil : 63
    case UInt8(ascii: "+"): alphabet == .url ? nil : 62
    case UInt8(ascii: "/"): alphabet == .url ? nil : 63
    default: nil
    }
  }
}
