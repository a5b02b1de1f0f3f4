// SPDX-License-Identifier: Apache-2.0

@testable import Journal

/// Reads journald's native protocol as journald does (systemd.io/JOURNAL_NATIVE_PROTOCOL), independently of
/// the builder: a blank line ends an entry, so that a forged one shows as a second.
enum NativeProtocolParser {
  struct Field: Equatable {
    var name: String
    var value: [UInt8]

    init(_ name: String, _ value: [UInt8]) {
      self.name = name
      self.value = value
    }

    init(_ name: String, _ value: String) { self.init(name, Array(value.utf8)) }
  }

  struct Malformed: Error { var offset: Int }

  static func entries(_ bytes: [UInt8]) throws -> [[Field]] {
    var entries: [[Field]] = []
    var fields: [Field] = []
    var position = 0
    while position < bytes.count {
      guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else {
        throw Malformed(offset: position)
      }
      let line = bytes[position..<end]
      position = end + 1
      if line.isEmpty {
        entries.append(fields)
        fields = []
      } else if let equals = line.firstIndex(of: UInt8(ascii: "=")) {
        fields.append(Field(String(decoding: line[..<equals], as: UTF8.self), Array(line[(equals + 1)...])))
      } else {
        guard bytes.count - position >= 8 else { throw Malformed(offset: position) }
        let length = bytes[position..<position + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        position += 8
        guard length < UInt64(bytes.count - position), bytes[position + Int(length)] == UInt8(ascii: "\n")
        else {
          throw Malformed(offset: position)
        }
        fields.append(
          Field(String(decoding: line, as: UTF8.self), Array(bytes[position..<position + Int(length)])))
        position += Int(length) + 1
      }
    }
    if !fields.isEmpty { entries.append(fields) }
    return entries
  }

  /// The fields of the only entry.
  static func entry(_ bytes: [UInt8]) throws -> [Field] {
    let all = try entries(bytes)
    guard all.count == 1 else { throw Malformed(offset: 0) }
    return all[0]
  }
}
