// SPDX-License-Identifier: Apache-2.0

/// Readings as words of a heartbeat, each after a space.
package struct ReadingWords: Equatable, Sendable {
  /// The most readings of a host.
  package static let most = 64

  /// The words, ready to be appended; empty for none.
  package private(set) var bytes: [UInt8] = []
  /// How many readings are in them.
  package private(set) var count = 0

  /// No readings.
  package init() {}

  /// As many readings as there is room for. Those that there is none for are the last in the order of their
  /// words.
  ///
  /// - Parameters:
  ///   - readings: In any order; of an ID that is repeated all are written.
  ///   - room: For the words, in bytes.
  /// - Returns: The words, and what is left out, in order.
  package static func composed(
    _ readings: [Reading], room: Int
  ) -> (words: ReadingWords, leftOut: [Reading.ID]) {
    var words = ReadingWords()
    let sorted = readings.sorted { $0.id < $1.id }
    for (place, reading) in sorted.enumerated() {
      let word = Self.word(of: reading)
      guard words.count < most, words.bytes.count + word.count <= room else {
        return (words, sorted[place...].map(\.id))
      }
      words.bytes += word
      words.count += 1
    }
    return (words, [])
  }

  /// ` key=value`, in quotes where the value needs them.
  private static func word(of reading: Reading) -> [UInt8] {
    let value = Array(reading.value.text.utf8)
    let isBare = value.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    var word = Array(" \(reading.id.word)=".utf8)
    guard !isBare else { return word + value }
    word.append(UInt8(ascii: "\""))
    for byte in value {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { word.append(UInt8(ascii: "\\")) }
      word.append(byte)
    }
    word.append(UInt8(ascii: "\""))
    return word
  }
}
