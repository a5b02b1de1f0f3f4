// SPDX-License-Identifier: Apache-2.0

import Platform

/// Why datagrams have no entry of their own: MCAST_REASON.
package enum SuppressionReason: String, Sendable {
  /// Over the limit of log.rate and log.burst.
  case budget
  /// The queue to the journal was full.
  case stall
}

/// A warning about datagrams without an entry of their own.
package struct SuppressionSummary: Sendable {
  package var reason: SuppressionReason
  package var numbers: SummaryPace.Summary
  /// The sources of those not reported before, most datagrams first.
  package var loudest: [(source: IPAddress, count: UInt64)]

  package var kind: MessageKind {
    switch reason {
    case .budget: .summarised
    case .stall: .journalStalled
    }
  }

  package var text: String {
    let cause =
      switch reason {
      case .budget: "over the budget of log.rate and log.burst"
      case .stall: "the journal did not take entries and log.queue was full"
      }
    let span = DurationText.words(numbers.span)
    return "\(numbers.count) datagrams within \(span) have no entry of their own\(numbers.sofar): "
      + "\(cause). Loudest: \(loudestText)"
  }

  package var fields: [String: String] {
    numbers.fields("MCAST_SUMMARISED").merging([
      "MCAST_LOUDEST": loudestText, "MCAST_REASON": reason.rawValue,
    ]) { $1 }
  }

  private var loudestText: String { loudest.map { "\($0.source) (\($0.count))" }.joined(separator: ", ") }
}

extension EventLog {
  package func report(_ summary: SuppressionSummary) {
    report(summary.kind, .warning, summary.text, summary.fields)
  }
}

/// Counts datagrams that got no entry, for one reason, until they are reported. `add` allocates nothing.
struct Suppressed {
  private let reason: SuppressionReason
  private var pace = SummaryPace()
  private var talkers = TopTalkers()

  init(_ reason: SuppressionReason) { self.reason = reason }

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
  mutating func take(now: Int64, isFinal: Bool) -> SuppressionSummary? {
    guard let numbers = pace.take(now: now, isFinal: isFinal) else { return nil }
    return SuppressionSummary(reason: reason, numbers: numbers, loudest: talkers.take(3))
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
      if sources[index].source == source {
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
