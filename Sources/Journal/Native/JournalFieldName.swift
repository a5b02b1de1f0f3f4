// SPDX-License-Identifier: Apache-2.0

/// The name of a journal field that a client may set: A–Z, 0–9 and `_`, beginning with a letter, at most
/// 64 bytes (journal_field_valid in journald; systemd.journal-fields(7)). journald drops other fields.
package struct JournalFieldName: Hashable, Sendable {
  package static let maximumLength = 64

  package let text: String

  /// Nil when journald would not accept the name.
  package init?(_ text: String) {
    var copy = text
    guard copy.withUTF8({ Self.isValid(UnsafeRawBufferPointer($0)) }) else { return nil }
    self.text = text
  }

  /// Derives a name from any key: letters become upper case, other bytes than letters and digits `_`; leading
  /// bytes that are no letters and what exceeds 64 bytes are left out. Nil when nothing remains.
  package init?(from key: String) {
    let mapped = key.utf8.lazy.map { byte -> UInt8 in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"): byte &- 0x20
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
      default: UInt8(ascii: "_")
      }
    }
    let name = mapped.drop { !Self.isLetter($0) }.prefix(Self.maximumLength)
    guard !name.isEmpty else { return nil }
    text = String(decoding: Array(name), as: UTF8.self)
  }

  /// Whether journald accepts these bytes as a name from a client.
  package static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let first = bytes.first, isLetter(first), bytes.count <= maximumLength else { return false }
    return bytes.allSatisfy {
      isLetter($0) || $0 == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}
