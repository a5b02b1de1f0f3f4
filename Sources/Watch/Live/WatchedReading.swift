// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat

/// A reading as it is shown. Times are in nanoseconds of CLOCK_MONOTONIC.
struct WatchedReading: Sendable {
  /// What it was before the last change that was seen. A number that follows another is none.
  struct Before: Sendable {
    var value: ReadingValue
    var until: Int64
  }

  var id: Reading.ID
  var value: ReadingValue
  var quality: ReadingQuality
  var before: Before?
  /// Nil of what was never a number.
  var numbers: NumberHistory?

  /// How long a change is shown, and how long it is new.
  private static let changeShown: Int64 = 600_000_000_000
  private static let changeNew: Int64 = 60_000_000_000

  /// What it was before, where that is worth showing.
  func before(at now: Int64) -> Before? {
    before.flatMap { now - $0.until < Self.changeShown ? $0 : nil }
  }

  /// Whether it changed within the last minute.
  func isNew(at now: Int64) -> Bool { before.map { now - $0.until < Self.changeNew } ?? false }

  /// What is shown first where not all fits: what is unusual, then power and temperature.
  func rank(at now: Int64) -> Int {
    if quality == .drill || quality == .unknown || before(at: now) != nil { return 0 }
    let isUsual = ["ups.", "power.", "battery.", "temp."].contains { id.key.text.hasPrefix($0) }
    return isUsual || value.kind == .number(unit: "C") ? 1 : 2
  }
}
