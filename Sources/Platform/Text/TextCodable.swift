// SPDX-License-Identifier: Apache-2.0

/// A value that is stored as the text that it is shown as, and read from it.
package protocol TextCodable: Codable, CustomStringConvertible {
  /// The value that a text is; nil if it is none.
  init?(_ text: String)
}

extension TextCodable {
  /// - Throws: `DecodingError.dataCorrupted` for a text that is no such value.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let value = Self(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no \(Self.self)")
    }
    self = value
  }

  /// As `description` has it.
  ///
  /// - Throws: `EncodingError`.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
