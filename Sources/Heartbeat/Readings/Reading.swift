// SPDX-License-Identifier: Apache-2.0

/// A reading as a heartbeat has it: a word whose key has a dot.
package struct Reading: Hashable, Sendable {
  /// What it is of, and whether of a drill.
  package struct ID: Hashable, Sendable {
    package var key: ReadingKey
    /// Whether it is a drill, `test.KEY` on the wire: it stands beside the true one, never in its place.
    package var isDrill: Bool

    package init(_ key: ReadingKey, isDrill: Bool = false) {
      self.key = key
      self.isDrill = isDrill
    }

    /// The ID that the key of a word is; nil if it is none: mcastd's own, or a drill of no reading.
    package init?(word: some StringProtocol) {
      isDrill = word.hasPrefix(ReadingKey.drillPrefix)
      guard
        let key = ReadingKey(isDrill ? word.dropFirst(ReadingKey.drillPrefix.count) : word[...])
      else { return nil }
      self.key = key
    }

    /// The key of its word.
    package var word: String { isDrill ? ReadingKey.drillPrefix + key.text : key.text }
  }

  package var id: ID
  package var value: ReadingValue

  package init(_ id: ID, _ value: ReadingValue) {
    self.id = id
    self.value = value
  }
}

extension Reading.ID: Comparable {
  /// By their words.
  package static func < (one: Reading.ID, other: Reading.ID) -> Bool { one.word < other.word }
}

extension Heartbeat {
  /// The readings among its words, in the order of the wire; a repeated one is kept.
  package var readings: [Reading] {
    attributes.compactMap { word in
      // What is no value is none that is known.
      Reading.ID(word: word.key).map { Reading($0, ReadingValue(word.value) ?? .unknown) }
    }
  }
}
