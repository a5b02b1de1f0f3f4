// SPDX-License-Identifier: Apache-2.0

import Facts
import Monitor
import Platform

/// Which faults of files of readings are to be told: each once while it lasts, and its end. What flaps is
/// told while there are tokens, and later as it is then.
///
/// A pure value; time is passed in, in monotonic nanoseconds.
struct FileFaults {
  private static let burst = 100.0
  private static let rate = 0.1

  private var told: Set<ReadingFileFault> = []
  private var tokens = TokenBucket(rate: Self.rate, capacity: Self.burst, now: 0)

  /// What is to be told now.
  ///
  /// - Parameter faults: As they are, in the order in which they are told.
  mutating func take(_ faults: [ReadingFileFault], at now: Int64) -> [OwnReadingsEvent] {
    var events: [OwnReadingsEvent] = []
    for fault in faults where !told.contains(fault) && tokens.take(now: now) {
      told.insert(fault)
      events.append(.faulty(fault))
    }
    // A file with another fault than before has one all the same.
    let paths = Set(faults.map(\.path))
    for fault in told.subtracting(faults).sorted() {
      guard !paths.contains(fault.path) else {
        told.remove(fault)
        continue
      }
      guard tokens.take(now: now) else { break }
      told.remove(fault)
      if !told.contains(where: { $0.path == fault.path }) { events.append(.mended(path: fault.path)) }
    }
    return events
  }
}
