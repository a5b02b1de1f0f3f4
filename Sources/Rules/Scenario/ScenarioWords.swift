// SPDX-License-Identifier: Apache-2.0

import Platform

/// The words of a line of a scenario. A word in which a quote begins goes on to the quote that ends it; `#`
/// where a word would begin is a comment.
struct ScenarioWords {
  struct Word: Equatable {
    /// As it stands.
    var text: Substring
    /// From 1, in bytes.
    var column: Int
  }

  /// A quote that does not end.
  struct Unclosed: Error, Equatable {
    var column: Int
  }

  /// Divides a line.
  static func divided(_ line: Substring) throws(Unclosed) -> [Word] {
    let bytes = line.utf8
    var words: [Word] = []
    var place = bytes.startIndex
    while let start = bytes[place...].firstIndex(where: { !isBlank($0) }) {
      guard bytes[start] != UInt8(ascii: "#") else { break }
      let column = bytes.distance(from: bytes.startIndex, to: start) + 1
      var quote: Substring.Index?
      place = start
      while place < bytes.endIndex, quote != nil || !isBlank(bytes[place]) {
        let byte = bytes[place]
        if byte == UInt8(ascii: "\"") { quote = quote == nil ? place : nil }
        bytes.formIndex(after: &place)
        if byte == UInt8(ascii: "\\"), quote != nil, place < bytes.endIndex { bytes.formIndex(after: &place) }
      }
      if let quote {
        throw Unclosed(column: bytes.distance(from: bytes.startIndex, to: quote) + 1)
      }
      words.append(Word(text: line[start..<place], column: column))
    }
    return words
  }

  /// The value that stands after `=`, as on the wire: bare, or in quotes with `\"` and `\\`.
  ///
  /// - Returns: Nil where quotes or backslashes stand where they must not.
  static func value(_ text: Substring) -> String? {
    let bytes = text.utf8
    guard bytes.first == UInt8(ascii: "\"") else {
      let isBare = !bytes.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
      return isBare ? String(text) : nil
    }
    var plain: [UInt8] = []
    var rest = bytes.dropFirst()
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return rest.isEmpty ? String(decoding: plain, as: UTF8.self) : nil
      case UInt8(ascii: "\\"):
        guard let escaped = rest.popFirst(), escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\")
        else { return nil }
        plain.append(escaped)
      default: plain.append(byte)
      }
    }
    return nil
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
}
