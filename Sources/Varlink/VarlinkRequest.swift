// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// A call, as received.
package struct VarlinkRequest: Sendable {
  /// Maximum nesting of objects and arrays. Varlink's own types rarely need five.
  package static let deepest = 32

  /// `io.example` of `io.example.Method`.
  package let interface: String

  /// Fully qualified.
  package let method: String

  /// The caller wants no reply, not even an error.
  package let oneway: Bool

  /// The caller accepts several replies.
  package let more: Bool

  /// The caller wants to speak another protocol after the reply.
  package let upgrade: Bool

  /// The parameters' names, sorted.
  package let parameterNames: [String]

  private let message: [UInt8]
  private let hasParameters: Bool

  /// Parses one message, without its NUL.
  ///
  /// - Throws: ``VarlinkError/malformedRequest``; `InvalidParameter` of `method` for a name without an
  ///   interface.
  package init(parsing bytes: some Collection<UInt8>) throws(VarlinkError) {
    let message = Array(bytes)
    guard JSONShape.isPlausibleObject(message, depth: Self.deepest) else { throw .malformedRequest }
    let envelope: Envelope
    do {
      envelope = try JSONDecoder().decode(Envelope.self, from: Data(message))
    } catch {
      throw .malformedRequest
    }
    guard let dot = envelope.method.lastIndex(of: "."), dot != envelope.method.startIndex,
      envelope.method.index(after: dot) != envelope.method.endIndex
    else { throw .invalidParameter("method") }
    interface = String(envelope.method[..<dot])
    method = envelope.method
    oneway = envelope.oneway ?? false
    more = envelope.more ?? false
    upgrade = envelope.upgrade ?? false
    parameterNames = envelope.parameters?.names ?? []
    hasParameters = envelope.parameters != nil
    self.message = message
  }

  /// Decodes the parameters; a call without any is one with `{}`.
  ///
  /// - Throws: `InvalidParameter` with the dotted path of the first one that is missing or of another type.
  package func parameters<Value: Decodable>(_ type: Value.Type) throws(VarlinkError) -> Value {
    do {
      let decoder = JSONDecoder()
      guard hasParameters else { return try decoder.decode(type, from: Data("{}".utf8)) }
      return try decoder.decode(Parameters<Value>.self, from: Data(message)).parameters
    } catch let error as DecodingError {
      throw .invalidParameter(error.path)
    } catch {
      throw .malformedRequest
    }
  }

  private struct Envelope: Decodable {
    var method: String
    var parameters: Names?
    var oneway: Bool?
    var more: Bool?
    var upgrade: Bool?
  }

  private struct Parameters<Value: Decodable>: Decodable {
    var parameters: Value
  }

  /// The keys of any object.
  private struct Names: Decodable {
    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { return nil }
    }

    var names: [String]

    init(from decoder: any Decoder) throws {
      names = try decoder.container(keyedBy: Key.self).allKeys.map(\.stringValue).sorted()
    }
  }
}

extension DecodingError {
  /// The path of what could not be decoded, below `parameters`.
  fileprivate var path: String {
    let keys: [any CodingKey] =
      switch self {
      case .keyNotFound(let key, let context): context.codingPath + [key]
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
        context.codingPath
      @unknown default: []
      }
    let names = keys.map { $0.intValue.map(String.init) ?? $0.stringValue }
    let below = names.first == "parameters" ? names.dropFirst() : names[...]
    return below.isEmpty ? "parameters" : below.joined(separator: ".")
  }
}
