// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// What this host says: what was set (`mcastd set`), and what files have (`readings.directory`). What was set
/// stands in the place of a file.
///
/// A pure value; times are in nanoseconds of CLOCK_MONOTONIC.
package struct OwnReadings: Sendable {
  /// Why a reading cannot be set. Each description says what to do.
  package enum Refusal: Error, Equatable, CustomStringConvertible {
    case key(String)
    /// Its drill would not fit a word.
    case longDrill(ReadingKey)
    case value(key: String)
    /// With these there would be more than `ReadingWords.most`.
    case tooMany

    package var description: String {
      switch self {
      case .key(let text): "\(text) is no key of a reading: it must be \(ReadingKey.accepted)"
      case .longDrill(let key):
        "\(key) is too long for a drill, whose key must have at most \(ReadingKey.longestOfDrill) bytes"
      case .value(let key):
        "the value of \(key) cannot be sent: it must be \(ReadingValue.accepted); ? says that it is unknown"
      case .tooMany:
        "a host says at most \(ReadingWords.most) readings: `mcastd unset` some, or remove files of "
          + "readings.directory"
      }
    }
  }

  private struct Setting: Sendable {
    var value: ReadingValue
    /// When it ends; nil for never.
    var until: Int64?
    var isOver = false
  }

  private var settings: [Reading.ID: Setting] = [:]
  private var files: [ReadingKey: ReadingValue] = [:]

  /// Nothing is said.
  package init() {}

  /// The reading that a text means.
  ///
  /// - Parameter isDrill: Whether it is for practice.
  package static func reading(
    _ key: String, _ value: String, isDrill: Bool
  ) throws(Refusal) -> Reading {
    let id = try id(key, isDrill: isDrill)
    guard let value = ReadingValue(value) else { throw .value(key: key) }
    return Reading(id, value)
  }

  /// The reading whose key is meant.
  package static func id(_ key: String, isDrill: Bool) throws(Refusal) -> Reading.ID {
    guard let key = ReadingKey(key) else { throw .key(key) }
    guard !isDrill || key.text.utf8.count <= ReadingKey.longestOfDrill else { throw .longDrill(key) }
    return Reading.ID(key, isDrill: isDrill)
  }

  /// Says these, all or none.
  ///
  /// - Parameter duration: How long, in nanoseconds; nil until they are unset.
  package mutating func set(_ readings: [Reading], for duration: Int64?, at now: Int64) throws(Refusal) {
    var settings = settings
    let until = duration.map { now.adding(clamped: max(0, $0)) }
    for reading in readings { settings[reading.id] = Setting(value: reading.value, until: until) }
    let all = Set(settings.keys).union(files.keys.map { Reading.ID($0) })
    guard all.count <= ReadingWords.most || settings.count <= self.settings.count else { throw .tooMany }
    self.settings = settings
  }

  /// Says these no more.
  ///
  /// - Returns: Those that were not set.
  package mutating func unset(_ ids: [Reading.ID]) -> [Reading.ID] {
    ids.filter { settings.removeValue(forKey: $0) == nil }
  }

  /// Files have these values; `?` where they cannot be read.
  package mutating func setFiles(_ values: [ReadingKey: ReadingValue]) { files = values }

  /// Ends what was set for a time that is over: it is what a file has from then on, or unknown; a drill is
  /// over.
  ///
  /// - Returns: Whether anything ended.
  package mutating func expire(at now: Int64) -> Bool {
    var hasEnded = false
    for (id, setting) in settings where !setting.isOver && setting.until.map({ $0 <= now }) == true {
      hasEnded = true
      if id.isDrill { settings[id] = nil } else { settings[id]?.isOver = true }
    }
    return hasEnded
  }

  /// When `expire` is to be called next; nil for never.
  package var nextExpiry: Int64? {
    settings.values.compactMap { $0.isOver || $0.until == .max ? nil : $0.until }.min()
  }

  /// All that is said, in the order of the words.
  package var readings: [Reading] {
    var all = Dictionary(files.map { (Reading.ID($0.key), $0.value) }) { first, _ in first }
    for (id, setting) in settings where !setting.isOver || all[id] == nil {
      all[id] = setting.isOver ? .unknown : setting.value
    }
    return all.map { Reading($0.key, $0.value) }.sorted { $0.id < $1.id }
  }

  /// Whether the change from other readings to these is nothing but numbers that files have: a sensor that
  /// is never quite still.
  package func isNoise(since before: [Reading]) -> Bool {
    let before = Dictionary(before.map { ($0.id, $0.value) }) { first, _ in first }
    let now = readings
    guard now.count == before.count else { return false }
    return now.allSatisfy { reading in
      guard let old = before[reading.id] else { return false }
      return old == reading.value
        || (settings[reading.id].map(\.isOver) ?? true && old.kind.isNumber && reading.value.kind.isNumber)
    }
  }
}

extension ReadingValue.Kind {
  fileprivate var isNumber: Bool { if case .number = self { true } else { false } }
}
