// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The `parameters` of a reply or an error: a JSON object, already encoded, UTF-8 without NUL.
package struct VarlinkParameters: Sendable, Hashable {
  /// The object's text.
  package let json: [UInt8]

  /// `{}`.
  package static let none = VarlinkParameters(object: Array("{}".utf8))

  private init(object: [UInt8]) { json = object }

  /// Encodes a value, keys sorted.
  ///
  /// - Returns: nil when the value has no JSON (NaN, an infinity) or its JSON is not an object.
  package init?(_ value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value), data.first == UInt8(ascii: "{") else { return nil }
    json = Array(data)
  }

  /// Encodes an object with one more field, a list that may be long. Its elements are encoded one by one, for an
  /// encoder holds about ten times what it works on.
  ///
  /// - Parameters:
  ///   - value: the object without the list.
  ///   - name: the list's name, of characters that JSON does not escape.
  /// - Returns: nil when the value or an element has no JSON, or the value's is not an object.
  package init?(_ value: some Encodable, list name: String, of elements: [some Encodable]) {
    guard let object = Self(value) else { return nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var json = object.json.dropLast() + Array("\(object.json.count > 2 ? "," : "")\"\(name)\":[".utf8)
    for (index, element) in elements.enumerated() {
      guard let data = try? encoder.encode(element) else { return nil }
      if index > 0 { json.append(UInt8(ascii: ",")) }
      json += data
    }
    json += Array("]}".utf8)
    self.json = Array(json)
  }

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

/// Any object can be taken as it is, and handed on: `client.call(method, reply: VarlinkParameters.self)`. Its keys come
/// out sorted, and numbers as Int64 or Double.
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

/// Parameters, or a reply, with nothing in them: `{}`.
package struct NoParameters: Codable, Sendable, Hashable {
  private enum Key: CodingKey {}

  package init() {}

  /// Any object will do; what Swift would make up takes anything at all.
  package init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: Key.self) }

  package func encode(to encoder: any Encoder) throws { _ = encoder.container(keyedBy: Key.self) }
}
