// SPDX-License-Identifier: Apache-2.0

/// What a reading is of: `ups.status`, `temp.inlet`. `[a-z][a-z0-9._-]*` with a dot in it, at most 32 bytes;
/// words without a dot are mcastd's own.
package struct ReadingKey: Hashable, Sendable {
  /// Bytes of the longest key.
  package static let longest = 32
  /// What stands before the key of a drill on the wire (`test.ups.status`), and before no key otherwise.
  package static let drillPrefix = "test."
  /// Bytes of the longest key that can have a drill.
  package static let longestOfDrill = longest - drillPrefix.utf8.count

  /// As it is written.
  package let text: String

  /// The key that this text is; nil if it is none.
  package init?(_ text: some StringProtocol) {
    let bytes = text.utf8
    guard bytes.count <= Self.longest, let first = bytes.first, Self.isLetter(first),
      bytes.contains(UInt8(ascii: ".")), !text.hasPrefix(Self.drillPrefix),
      bytes.allSatisfy({ Self.isLetter($0) || Self.isOther($0) })
    else { return nil }
    self.text = String(text)
  }

  /// What is accepted, worded to follow "must be".
  package static let accepted =
    "small letters, digits and ._- with a letter first and a dot in it, at most \(longest) bytes, "
    + "and not begin with \(drillPrefix)"

  private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte }
  private static func isOther(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "-")
  }
}

extension ReadingKey: Comparable {
  package static func < (one: ReadingKey, other: ReadingKey) -> Bool { one.text < other.text }
}

extension ReadingKey: CustomStringConvertible {
  package var description: String { text }
}
