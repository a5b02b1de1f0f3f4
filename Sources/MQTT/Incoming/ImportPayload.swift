// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Heartbeat
import Platform
import Varlink

/// What a payload says as the value of a reading. It may be anything that anybody at the broker likes.
package enum ImportPayload {
  /// Bytes of one that is looked at.
  package static let longest = MosquittoMailbox.longestPayload
  /// Levels of JSON.
  private static let deepest = 16

  /// Why it is no value.
  package struct Refusal: Error, Equatable, Sendable {
    package let reason: String
  }

  /// Its value by a line of [import].
  ///
  /// - Throws: `Refusal`.
  package static func value(of payload: [UInt8], by line: ImportLine) throws(Refusal) -> ReadingValue {
    guard payload.count <= longest else { throw Refusal(reason: "longer than \(longest) bytes") }
    let text = try line.path.isEmpty ? plain(payload) : member(line.path, of: payload)
    let value = ReadingValue(text)
    if line.unit.isEmpty {
      guard let value, value != .unknown else {
        throw Refusal(reason: "not a value: must be \(ReadingValue.accepted), and not ?")
      }
      return value
    }
    guard value?.kind == .number(unit: ""), let full = ReadingValue(text + line.unit) else {
      throw Refusal(reason: "not a number without a unit, and one in \(line.unit) is expected")
    }
    return full
  }

  private static func plain(_ payload: [UInt8]) throws(Refusal) -> String {
    guard let text = String(validating: payload, as: UTF8.self) else { throw Refusal(reason: "not UTF-8") }
    return text.trimmingBlanks()
  }

  private static func member(_ path: [String], of payload: [UInt8]) throws(Refusal) -> String {
    // Checked before the decoder, which recurses.
    guard JSONShape.isPlausibleObject(payload, depth: deepest),
      var value = try? JSONDecoder().decode(JSONValue.self, from: Data(payload))
    else { throw Refusal(reason: "not a JSON object of at most \(deepest) levels") }
    for name in path {
      guard let inner = value[name] else {
        throw Refusal(reason: "without the member \(Printable.line(path.joined(separator: ".")))")
      }
      value = inner
    }
    switch value {
    case .string(let text): return text.trimmingBlanks()
    case .integer(let number): return "\(number)"
    case .number(let number): return "\(number)"
    case .bool(let flag): return "\(flag)"
    case .null, .array, .object:
      throw Refusal(
        reason: "\(Printable.line(path.joined(separator: "."))) is no number, text or truth value")
    }
  }
}
