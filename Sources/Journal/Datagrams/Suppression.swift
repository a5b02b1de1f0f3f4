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

/// The sources of the most datagrams, in fixed memory (Metwally et al., "Space-Saving", 2005): a new source
/// replaces the one with the lowest count, and inherits that count as its possible error.
struct TopTalkers {
  static let capacity = 16

  private var sources: [(source: IPAddress, count: UInt64)] = []

  init() { sources.reserveCapacity(Self.capacity) }

  mutating func add(_ source: IPAddress) {
    var lowest = 0
    for index in sources.indices {
      // The low bits first: `==` is a call to another module, and most sources are others.
      if sources[index].source.low == source.low, sources[index].source == source {
        sources[index].count += 1
        return
      }
      if sources[index].count < sources[lowest].count { lowest = index }
    }
    if sources.count < Self.capacity {
      sources.append((source, 1))
    } else {
      sources[lowest] = (source, sources[lowest].count + 1)
    }
  }

  /// The `count` sources with the most datagrams, most first. Empties the table.
  mutating func take(_ count: Int) -> [(source: IPAddress, count: UInt64)] {
    defer { sources.removeAll(keepingCapacity: true) }
    return Array(sources.sorted { $0.count > $1.count }.prefix(count))
  }
}
