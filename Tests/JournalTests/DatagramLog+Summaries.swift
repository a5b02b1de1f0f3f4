// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Journal
@testable import Monitor
@testable import Platform

/// What a summary tells.
struct Summary {
  var reason: JournalEvent.Reason
  var numbers: SummaryPace.Summary
  var loudest: [(source: IPAddress, count: UInt64)]
}

extension DatagramLog {
  mutating func summaries(now: Int64, isFinal: Bool = false) -> [Summary] {
    takeSummaries(now: now, isFinal: isFinal).compactMap { event in
      guard case .summarised(let reason, let numbers, let loudest) = event else {
        Issue.record("\(event)")
        return nil
      }
      return Summary(reason: reason, numbers: numbers, loudest: loudest)
    }
  }
}
