// SPDX-License-Identifier: Apache-2.0

import Monitor
import Platform

/// Counts datagrams that got no entry, for one reason, until they are reported. `add` allocates nothing.
struct Suppressed {
  private let reason: JournalEvent.Reason
  private var pace = SummaryPace()
  private var talkers = TopTalkers()

  init(_ reason: JournalEvent.Reason) { self.reason = reason }

  mutating func add(_ source: IPAddress, now: Int64) {
    pace.add(now: now)
    talkers.add(source)
  }

  /// Nanoseconds since the first that was not reported; 0 when there is none.
  func age(_ now: Int64) -> Int64 { pace.age(now) }

  /// Returns what is to be reported now, and starts again; nil when there is nothing or it is not time
  /// (`SummaryPace`).
  ///
  /// - Parameter isFinal: whether there will be no other call.
  mutating func take(now: Int64, isFinal: Bool) -> JournalEvent? {
    guard let numbers = pace.take(now: now, isFinal: isFinal) else { return nil }
    return .summarised(reason, numbers, loudest: talkers.take(3))
  }
}
