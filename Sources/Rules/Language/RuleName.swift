// SPDX-License-Identifier: Apache-2.0

import Platform

/// The name of a rule, or of a state: `[a-z0-9-]+`, at most 64 bytes. It becomes part of the name of a unit
/// and of a file, and comes from the name of a file that an operator wrote.
package struct RuleName: Hashable, Sendable {
  /// Bytes of the longest name.
  package static let longest = 64
  /// What the file of a rule ends in.
  package static let fileSuffix = ".rule"

  /// As it is written.
  package let text: String

  /// The name that this text is; nil if it is none.
  package init?(_ text: some StringProtocol) {
    let isName = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard isName, (1...Self.longest).contains(text.utf8.count) else { return nil }
    self.text = String(text)
  }

  /// The name of the rule in a file of this name; nil where it is no file of a rule.
  package init?(file: String) {
    guard file.hasSuffix(Self.fileSuffix) else { return nil }
    self.init(file.dropLast(Self.fileSuffix.count))
  }

  /// What is accepted, worded to follow "must be".
  package static let accepted = "1 to \(longest) of a-z, 0-9 and -"
}

extension RuleName: Comparable {
  package static func < (one: RuleName, other: RuleName) -> Bool { one.text < other.text }
}

extension RuleName: CustomStringConvertible {
  package var description: String { text }
}

extension RuleName: TextCodable {}
