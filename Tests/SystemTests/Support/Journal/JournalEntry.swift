// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import TestSupport

/// An entry as `journalctl -o json --all` gives it: a field is a string, or an array of bytes where it is
/// not printable UTF-8, or an array of those where the entry has it more than once.
struct JournalEntry: Decodable, Equatable, Sendable, CustomStringConvertible {
  private enum Field: Decodable, Equatable, Sendable {
    case text(String)
    case bytes([UInt8])
    case several
    case null

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let bytes = try? container.decode([UInt8].self) {
        self = .bytes(bytes)
      } else {
        self = .several
      }
    }
  }

  private let fields: [String: Field]

  init(from decoder: any Decoder) throws {
    fields = try decoder.singleValueContainer().decode([String: Field].self)
  }

  /// An entry in journald's native protocol; nil where it is not well formed.
  init?(native bytes: [UInt8]) {
    guard let entry = TestSupport.JournalEntry(bytes) else { return nil }
    fields = entry.fields.mapValues { value in
      String(validating: value, as: UTF8.self).map(Field.text) ?? .bytes(value)
    }
  }

  /// Parses one line of journalctl's output.
  init(line: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(line.utf8))
  }

  /// A field that the entry has exactly once, as text; nil where its bytes are not.
  subscript(_ name: String) -> String? {
    guard case .text(let text) = fields[name] else { return nil }
    return text
  }

  /// The exact bytes of a field that the entry has exactly once.
  func bytes(_ name: String) -> [UInt8]? {
    switch fields[name] {
    case .text(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    default: nil
    }
  }

  var names: Set<String> { Set(fields.keys) }
  var message: String { self["MESSAGE"] ?? "" }

  /// The entry's place in the journal, which only grows: the `i=` of its cursor.
  var sequenceNumber: UInt64 {
    let number = (self["__CURSOR"] ?? "").split(separator: ";").first { $0.hasPrefix("i=") }
    return number.flatMap { UInt64($0.dropFirst(2), radix: 16) } ?? 0
  }

  var description: String {
    "\(self["PRIORITY"] ?? "-") \(self["SYSLOG_IDENTIFIER"] ?? "-"): \(self["MESSAGE"] ?? "(not one text)")"
  }
}
