// SPDX-License-Identifier: Apache-2.0

/// The readings of a datagram, read once more: not by the code that the daemon reads them by.
struct WireWords {
  struct Word: Equatable {
    /// With `test.` before it for a drill.
    var key: String
    /// Without quotes and escapes.
    var value: String

    var isDrill: Bool { key.hasPrefix("test.") }
    var isUnknown: Bool { value == "?" }
  }

  /// Where they stand, from the space before the first to the end of the last.
  let place: Range<Int>

  /// Finds the words with a dot, which stand together.
  init(of payload: [UInt8]) {
    var (first, last): (Int?, Int) = (nil, 0)
    // After `ATU YYYY-MM-DD HH:MM:SS.ffffff`.
    var position = 30
    while position < payload.count {
      let start = position
      position += 1
      var (isQuoted, hasDot, isKey) = (false, false, true)
      while position < payload.count {
        let byte = payload[position]
        if byte == UInt8(ascii: " "), !isQuoted { break }
        if isKey, byte == UInt8(ascii: "=") { isKey = false }
        if isKey, byte == UInt8(ascii: ".") { hasDot = true }
        if byte == UInt8(ascii: "\""), !isKey { isQuoted.toggle() }
        position += byte == UInt8(ascii: "\\") && isQuoted ? 2 : 1
      }
      if hasDot { (first, last) = (first ?? start, position) }
    }
    place = first.map { $0..<min(last, payload.count) } ?? 0..<0
  }

  /// The words, sorted by their keys.
  func words(of payload: [UInt8]) -> [Word] {
    var words: [Word] = []
    var position = place.lowerBound
    while position < place.upperBound {
      position += 1
      let end = payload[position...].firstIndex(of: UInt8(ascii: "=")) ?? payload.endIndex
      let key = String(decoding: payload[position..<end], as: UTF8.self)
      var value: [UInt8] = []
      position = end + 1
      let isQuoted = position < place.upperBound && payload[position] == UInt8(ascii: "\"")
      if isQuoted { position += 1 }
      while position < place.upperBound, payload[position] != UInt8(ascii: isQuoted ? "\"" : " ") {
        if isQuoted, payload[position] == UInt8(ascii: "\\") { position += 1 }
        value.append(payload[position])
        position += 1
      }
      if isQuoted { position += 1 }
      words.append(Word(key: key, value: String(decoding: value, as: UTF8.self)))
    }
    return words.sorted { $0.key < $1.key }
  }
}
