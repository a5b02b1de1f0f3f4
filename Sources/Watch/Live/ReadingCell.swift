// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Platform

/// A reading as text: `ups.status OB DISCHRG was OL, 12s ago`.
struct ReadingCell {
  /// Columns of a former value.
  private static let longestBefore = 16
  /// Columns of the sparkline: divisors of 60 seconds.
  private static let sparkWidths = [20, 15, 12, 10, 6]
  /// Columns that are left to key and value of most numbers.
  private static let usualNumber = 20

  let key: String
  let value: String
  /// Its quality in a word, where it is not good and the value does not say so.
  let mark: String?
  /// What it was before.
  let before: String?
  /// Whether it changed within the last minute.
  let isNew: Bool
  let rank: Int
  let numbers: NumberHistory?
  private let quality: ReadingQuality

  /// - Parameter now: In nanoseconds of CLOCK_MONOTONIC.
  init(_ reading: WatchedReading, at now: Int64, glyphs: Glyphs) {
    func escaped(_ text: String) -> String { EscapedText.string(text.utf8, limit: 1000) }
    key = escaped(reading.id.key.text)
    value = escaped(reading.value.text)
    mark =
      switch reading.quality {
      case .good, .unknown: nil
      case .stale, .unauthenticated, .drill: reading.quality.rawValue
      }
    before = reading.before(at: now).map {
      let value = glyphs.clipped(escaped($0.value.text), to: Self.longestBefore)
      return "was \(value), \(ShortDuration.whole(now - $0.until)) ago"
    }
    isNew = reading.isNew(at: now)
    rank = reading.rank(at: now)
    numbers = reading.numbers
    quality = reading.quality
  }

  /// Columns that it needs, its sparkline not counted.
  var columns: Int { line.utf8.count + (before.map { 1 + $0.unicodeScalars.count } ?? 0) }

  /// Columns for the sparkline; 0 where there is no room for it, or nothing to draw.
  ///
  /// - Parameter room: For all of it.
  func sparkWidth(in room: Int) -> Int {
    guard numbers != nil, quality != .unknown else { return 0 }
    // The same for most, so that those of several hosts can be compared.
    let usual = Self.sparkWidths.first { $0 + 1 + Self.usualNumber <= room } ?? Self.sparkWidths.last ?? 0
    return Self.sparkWidths.first { $0 <= usual && $0 + 1 + columns <= room } ?? 0
  }

  /// Key, value and quality as one text.
  var line: String { [key, value, mark].compactMap { $0 }.joined(separator: " ") }

  /// Its texts, in so many columns: the quality whole, a third for the key, the rest for the value.
  func texts(in room: Int, _ glyphs: Glyphs) -> [(text: String, style: CellStyle)] {
    let markWidth = mark.map { 1 + $0.utf8.count } ?? 0
    let key = glyphs.clipped(key, to: max(room / 3, room - 1 - value.utf8.count - markWidth))
    let value = glyphs.clipped(value, to: room - key.unicodeScalars.count - 1 - markWidth)
    var texts = [(key, CellStyle.dim), (value, valueStyle)]
    if let mark { texts.append((mark, quality == .stale ? .dim : Self.doubtful)) }
    if let before, columns <= room { texts.append((before, .dim)) }
    return texts
  }

  var valueStyle: CellStyle {
    switch quality {
    case .good, .drill, .unauthenticated: isNew ? .bold : .plain
    case .stale: .dim
    case .unknown: Self.doubtful
    }
  }

  var sparkStyle: CellStyle { quality == .stale ? .dim : .plain }

  private static let doubtful = CellStyle(colour: .yellow, weight: .bold)
}
