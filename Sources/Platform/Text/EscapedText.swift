// SPDX-License-Identifier: Apache-2.0

/// Bytes from outside as text that is safe for terminals, pagers and parsers of lines.
///
/// Printable ASCII (0x20–0x7e) stays as it is but for the backslash, which becomes `\\`; a newline becomes
/// `\n`, every other byte `\xNN` in lower-case hexadecimal, tab and carriage return among them. The limit
/// counts characters of the result, so that a line has a bounded length whatever was received; an escape is
/// never cut, and `…` stands for the rest, beyond the limit. Without it the text can be turned back into the
/// bytes exactly.
package enum EscapedText {
  /// Characters before `…`.
  package static let defaultLimit = 256
  /// Bytes of `…` in UTF-8.
  package static let ellipsisLength = 3

  /// Writes the text of `bytes` into `buffer`, of which at most `limit` + 3 bytes are used.
  ///
  /// - Returns: the bytes written; nil when the buffer was too small (its contents are then undefined).
  package static func write(
    _ bytes: UnsafeRawBufferPointer,
    limit: Int = defaultLimit,
    into buffer: UnsafeMutableRawBufferPointer
  ) -> Int? {
    let end = min(limit, buffer.count)
    var written = 0
    for byte in bytes {
      let length = escapedLength(byte)
      guard written + length <= end else {
        guard written + length > limit else { return nil }
        return writeEllipsis(into: buffer, at: written)
      }
      if length == 1 {
        buffer[written] = byte
      } else {
        buffer[written] = UInt8(ascii: "\\")
        if length == 2 {
          buffer[written + 1] = byte == UInt8(ascii: "\n") ? UInt8(ascii: "n") : byte
        } else {
          buffer[written + 1] = UInt8(ascii: "x")
          buffer[written + 2] = Escape.hexadecimalDigit(byte >> 4)
          buffer[written + 3] = Escape.hexadecimalDigit(byte & 15)
        }
      }
      written += length
    }
    return written
  }

  /// The text of `bytes` as a string; allocates.
  package static func string(_ bytes: UnsafeRawBufferPointer, limit: Int = defaultLimit) -> String {
    let capacity = min(limit, bytes.count * 4) + ellipsisLength
    return String(unsafeUninitializedCapacity: capacity) { buffer in
      write(bytes, limit: limit, into: UnsafeMutableRawBufferPointer(buffer)) ?? 0
    }
  }

  package static func string(_ bytes: some Sequence<UInt8>, limit: Int = defaultLimit) -> String {
    Array(bytes).withUnsafeBytes { string($0, limit: limit) }
  }

  private static func escapedLength(_ byte: UInt8) -> Int {
    if byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\n") { return 2 }
    return Escape.isPrintableASCII(byte) ? 1 : 4
  }

  private static func writeEllipsis(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int? {
    guard offset + ellipsisLength <= buffer.count else { return nil }
    // U+2026 HORIZONTAL ELLIPSIS
    buffer[offset] = 0xe2
    buffer[offset + 1] = 0x80
    buffer[offset + 2] = 0xa6
    return offset + ellipsisLength
  }
}
