// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Platform

/// The `parameters` of a reply or an error: a JSON object, already encoded, UTF-8 without NUL.
///
/// Stored as the whole reply, so that callers who get the same reply share one buffer.
package struct VarlinkParameters: Sendable, Hashable {
  private static let prefix = Array("{\"parameters\":".utf8)
  static let suffix = [UInt8(ascii: "}"), 0]

  /// The reply with these parameters as it goes over the wire, with its NUL.
  let reply: [UInt8]

  /// The object's text.
  package var json: ArraySlice<UInt8> {
    reply[Self.prefix.count..<reply.count - Self.suffix.count]
  }

  /// `{}`.
  package static let none = VarlinkParameters(object: Array("{}".utf8))

  private init(object: some Collection<UInt8>) { reply = Self.prefix + object + Self.suffix }

  /// Encodes a value, keys sorted.
  ///
  /// - Returns: nil when the value has no JSON (NaN, an infinity) or its JSON is not an object.
  package init?(_ value: some Encodable) {
    guard let data = try? Self.encoder.encode(value), data.first == UInt8(ascii: "{") else { return nil }
    self.init(object: data)
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  /// Encodes an object with a long list one element at a time: an encoder needs about ten times the memory of
  /// what it encodes.
  package struct ListEncoder {
    private var bytes: [UInt8]
    private let encoder = VarlinkParameters.encoder
    private var isEmpty = true

    /// - Parameters:
    ///   - value: the object without the list.
    ///   - list: the list's name, of characters that JSON does not escape.
    ///   - expected: size of the whole, in bytes; an estimate.
    /// - Returns: nil when the value has no JSON, or its JSON is not an object.
    package init?(_ value: some Encodable, list: String, expected: Int = 0) {
      guard let object = VarlinkParameters(value) else { return nil }
      bytes = []
      bytes.reserveCapacity(expected)
      bytes += object.reply.dropLast(VarlinkParameters.suffix.count + 1)
      if object.json.count > 2 { bytes.append(UInt8(ascii: ",")) }
      bytes += Array("\"\(list)\":[".utf8)
    }

    /// - Returns: whether the element has JSON; nothing is appended otherwise.
    package mutating func append(_ element: some Encodable) -> Bool {
      guard let data = try? encoder.encode(element) else { return false }
      if !isEmpty { bytes.append(UInt8(ascii: ",")) }
      isEmpty = false
      bytes += data
      return true
    }

    package consuming func finish() -> VarlinkParameters {
      bytes += Array("]}".utf8) + VarlinkParameters.suffix
      return VarlinkParameters(reply: bytes)
    }
  }

  private init(reply: [UInt8]) { self.reply = reply }

  /// An object of strings, which always has JSON.
  init(strings: KeyValuePairs<String, String>) {
    self = Self(Dictionary(strings.map { ($0.key, $0.value) }) { first, _ in first }) ?? .none
  }

  /// Decodes the object.
  ///
  /// - Throws: `DecodingError`.
  package func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(json))
  }
}

/// Any object can be taken as it is, and handed on: `client.call(method, reply: VarlinkParameters.self)`. Its
/// keys come out sorted, and numbers as Int64 or Double.
extension VarlinkParameters: Codable {
  package init(from decoder: any Decoder) throws {
    let object = try decoder.singleValueContainer().decode([String: JSONValue].self)
    guard let encoded = Self(object) else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "no JSON object"))
    }
    self = encoded
  }

  package func encode(to encoder: any Encoder) throws {
    try decode([String: JSONValue].self).encode(to: encoder)
  }
}

/// Empty parameters, or an empty reply: `{}`.
package struct NoParameters: Codable, Sendable, Hashable {
  private enum Key: CodingKey {}

  package init() {}

  /// Accepts any object; the synthesized initializer would accept any JSON.
  package init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: Key.self) }

  package func encode(to encoder: any Encoder) throws { _ = encoder.container(keyedBy: Key.self) }
}

/// A reply as it goes over the wire, with its NUL.
struct VarlinkMessage {
  let bytes: [UInt8]

  init(reply parameters: VarlinkParameters) {
    bytes = parameters.reply
  }

  init(error: VarlinkError) {
    // A JSON string: an error's name may be anything that a service makes up.
    let name = (try? JSONEncoder().encode(error.name)).map(Array.init) ?? Array("\"\"".utf8)
    bytes =
      Array("{\"error\":".utf8) + name + Array(",\"parameters\":".utf8) + error.parameters.json
      + [UInt8(ascii: "}"), 0]
  }
}
