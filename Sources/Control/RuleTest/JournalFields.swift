// SPDX-License-Identifier: Apache-2.0

/// Some fields of an entry of the journal, from its line of `journalctl --output=json`
/// (systemd.io/JOURNAL_EXPORT_FORMATS).
///
/// A line has some forty fields of which a few are asked for, and a day of heartbeats is a million lines:
/// what is not asked for is passed over unread.
package struct JournalFields: Equatable {
  /// A field that is asked for.
  package enum Name: String, CaseIterable {
    case kind = "MCAST_KIND"
    case payload = "MCAST_PAYLOAD"
    case received = "MCAST_RECEIVED_USEC"
    case source = "MCAST_SOURCE"
    case sourcePort = "MCAST_SOURCE_PORT"
    case interface = "MCAST_INTERFACE"
    case auth = "MCAST_AUTH"
    case group = "MCAST_GROUP"
    case port = "MCAST_PORT"
    case hostName = "_HOSTNAME"
    case unit = "_SYSTEMD_UNIT"
  }

  private static let names: [(name: Name, bytes: [UInt8])] = Name.allCases.map {
    ($0, Array($0.rawValue.utf8))
  }

  private var values: [Name: [UInt8]] = [:]
  /// Fields that the line does not show, for they are too large without `--all`.
  package private(set) var hidden: Set<Name> = []

  /// The fields of a line; nil if it is no JSON object.
  package init?(_ line: UnsafeRawBufferPointer) {
    var scanner = JSONScanner(line)
    guard
      scanner.takeObject({ scanner, key in
        guard let name = Self.names.first(where: { $0.bytes == key })?.name else { return scanner.skip() }
        guard let value = scanner.takeFieldValue() else { return false }
        switch value {
        case .bytes(let bytes): values[name] = values[name] ?? bytes
        case .null: hidden.insert(name)
        }
        return true
      })
    else { return nil }
  }

  /// The bytes of a field; nil where there is none. Of one that an entry has several times the first counts.
  package subscript(name: Name) -> [UInt8]? { values[name] }

  /// A field as text; nil where there is none, or it is none.
  package func text(_ name: Name) -> String? {
    values[name].flatMap { String(validating: $0, as: UTF8.self) }
  }
}

/// What a field of the journal is in JSON: text, an array of bytes where it is none, or null where it is too
/// large; an array of these where the entry has it several times.
private enum FieldValue {
  case bytes([UInt8])
  case null
}

/// Reads JSON (RFC 8259) from left to right. No bytes make it trap, and none recurse.
private struct JSONScanner {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipBlanks() {
    while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a { place += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard peek == byte else { return false }
    place += 1
    return true
  }

  /// An object and nothing after it.
  ///
  /// - Parameter member: Takes the value of a key, and says whether it is one.
  mutating func takeObject(_ member: (inout JSONScanner, [UInt8]) -> Bool) -> Bool {
    guard take(UInt8(ascii: "{")) else { return false }
    var key: [UInt8] = []
    if !take(UInt8(ascii: "}")) {
      repeat {
        key.removeAll(keepingCapacity: true)
        guard takeString(into: &key), take(UInt8(ascii: ":")), member(&self, key) else { return false }
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "}")) else { return false }
    }
    skipBlanks()
    return place == bytes.count
  }

  /// The value of a field.
  mutating func takeFieldValue() -> FieldValue? {
    skipBlanks()
    guard peek == UInt8(ascii: "[") else { return takeOneValue() }
    place += 1
    skipBlanks()
    if let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "]") {
      return takeBytes().map { .bytes($0) }
    }
    guard let first = takeOneValue() else { return nil }
    while take(UInt8(ascii: ",")) { guard skip() else { return nil } }
    return take(UInt8(ascii: "]")) ? first : nil
  }

  private mutating func takeOneValue() -> FieldValue? {
    skipBlanks()
    switch peek {
    case UInt8(ascii: "\""):
      var text: [UInt8] = []
      return takeString(into: &text) ? .bytes(text) : nil
    case UInt8(ascii: "["):
      place += 1
      return takeBytes().map { .bytes($0) }
    default: return takeLiteral() == Array("null".utf8) ? .null : nil
    }
  }

  /// Numbers from 0 to 255 and the end of their array.
  private mutating func takeBytes() -> [UInt8]? {
    var numbers: [UInt8] = []
    if take(UInt8(ascii: "]")) { return numbers }
    repeat {
      skipBlanks()
      guard let number = UInt8(String(decoding: takeLiteral(), as: UTF8.self)) else { return nil }
      numbers.append(number)
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "]")) ? numbers : nil
  }

  /// Letters, digits and signs: a number, or one of the three words.
  private mutating func takeLiteral() -> [UInt8] {
    let start = place
    while let byte = peek, byte > 0x20, !Self.isSyntax(byte) { place += 1 }
    return Array(bytes[start..<place])
  }

  private static func isSyntax(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "["), UInt8(ascii: "]"),
      UInt8(ascii: "{"), UInt8(ascii: "}"):
      true
    default: false
    }
  }

  /// Any value; of an array or an object only the brackets are looked at.
  mutating func skip() -> Bool {
    var depth = 0
    repeat {
      skipBlanks()
      guard let byte = peek else { return false }
      switch byte {
      case UInt8(ascii: "\""): guard skipString() else { return false }
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        place += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        guard depth >= 0 else { return false }
        place += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard depth > 0 else { return false }
        place += 1
      default: guard !takeLiteral().isEmpty else { return false }
      }
    } while depth > 0
    return true
  }

  private mutating func skipString() -> Bool {
    place += 1
    while let byte = peek {
      place += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return true }
    }
    return false
  }

  /// A string, without its quotes and escapes.
  private mutating func takeString(into text: inout [UInt8]) -> Bool {
    guard take(UInt8(ascii: "\"")) else { return false }
    while let byte = peek {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return true
      case UInt8(ascii: "\\"): guard takeEscape(into: &text) else { return false }
      default: text.append(byte)
      }
    }
    return false
  }

  private mutating func takeEscape(into text: inout [UInt8]) -> Bool {
    guard let byte = peek else { return false }
    place += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "u"):
      guard var unit = takeUnit() else { return false }
      if 0xd800..<0xdc00 ~= unit, place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
        bytes[place + 1] == UInt8(ascii: "u")
      {
        place += 2
        guard let low = takeUnit(), 0xdc00..<0xe000 ~= low else { return false }
        unit = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(unit) else { return false }
      text.append(contentsOf: String(Character(scalar)).utf8)
    default: return false
    }
    return true
  }

  private mutating func takeUnit() -> UInt32? {
    guard place + 4 <= bytes.count else { return nil }
    defer { place += 4 }
    return UInt32(String(decoding: bytes[place..<(place + 4)], as: UTF8.self), radix: 16)
  }
}
