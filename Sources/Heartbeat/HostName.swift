// SPDX-License-Identifier: Apache-2.0

import Platform

/// The name that a sender gives itself (`host=`): `[A-Za-z0-9][A-Za-z0-9.-]*`, at most 63 bytes, as a label
/// of DNS (RFC 1035, 2.3.4). Names are told apart as they are on the wire, by case too.
///
/// Kept in place: to read one of a datagram, to compare and to hash it allocates nothing. None is made of
/// digits and dots, which might be read as an address and stand for another host's in a file name or a list.
package struct HostName: Sendable {
  /// Bytes of the longest name.
  package static let longest = 63

  /// The bytes of the name, zeros after it.
  private var words = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))

  /// The name that these bytes are; nil if they are none.
  package init?(_ bytes: some Collection<UInt8>) {
    guard (1...Self.longest).contains(bytes.count), let first = bytes.first, Self.isAlphanumeric(first) else {
      return nil
    }
    var (dots, digits, place) = (0, 0, 0)
    withUnsafeMutableBytes(of: &words) { words in
      for byte in bytes {
        if byte == UInt8(ascii: ".") { dots += 1 }
        if Self.isDigit(byte) { digits += 1 }
        let isJoiner = byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
        words[place] = isJoiner || Self.isAlphanumeric(byte) ? byte : 0
        place += 1
      }
    }
    // A byte that is not accepted became 0, which ends the name before its end.
    guard count == bytes.count, dots == 0 || dots + digits < bytes.count else { return nil }
  }

  /// The name that this text is; nil if it is none.
  package init?(_ text: some StringProtocol) { self.init(Array(text.utf8)) }

  /// Bytes of the name.
  var count: Int { withBytes { $0.firstIndex(of: 0) ?? $0.count } }

  /// The bytes of the name.
  package func withUTF8<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withBytes { body(UnsafeRawBufferPointer(rebasing: $0.prefix { $0 != 0 })) }
  }

  private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(of: words, body)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    // 0x20 makes a small letter of a capital.
    isDigit(byte) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
  }
}

extension HostName: Hashable {
  package static func == (one: HostName, other: HostName) -> Bool {
    one.words.0 == other.words.0 && one.words.1 == other.words.1 && one.words.2 == other.words.2
      && one.words.3 == other.words.3 && one.words.4 == other.words.4 && one.words.5 == other.words.5
      && one.words.6 == other.words.6 && one.words.7 == other.words.7
  }

  /// Feeds the words up to the last byte: most names have one or two.
  package func hash(into hasher: inout Hasher) {
    withBytes { bytes in
      for offset in stride(from: 0, to: bytes.count, by: 8) {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        hasher.combine(word)
        if word >> 56 == 0 { return }
      }
    }
  }
}

extension HostName: CustomStringConvertible {
  package var description: String { withUTF8 { String(decoding: $0, as: UTF8.self) } }
}

extension HostName: TextCodable {}
