// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Monitor

/// What somebody knows who was told every event from the beginning, and nothing else.
struct ToldReadings {
  struct Told: Equatable {
    var value: ReadingValue
    var quality: ReadingQuality
  }

  private(set) var hosts: [HostName: [Reading.ID: Told]] = [:]

  /// An event.
  ///
  /// - Returns: What does not follow from the events before it; nil where all does.
  mutating func take(_ all: HostChanges) -> String? {
    var fault: String?
    for change in all.changes {
      let before = hosts[all.host]?[change.id]
      let claimed = change.before.flatMap {
        Self.isShown(change.id, $0.quality) ? Told(value: $0.value, quality: $0.quality) : nil
      }
      if before != claimed {
        fault = "\(all.host) \(change.id.word) was \(text(before)) and not \(text(claimed))"
      }
      let isShown = !change.isGone && Self.isShown(change.id, change.now.quality)
      let now = isShown ? Told(value: change.now.value, quality: change.now.quality) : nil
      hosts[all.host, default: [:]][change.id] = now
      if hosts[all.host]?.isEmpty == true { hosts[all.host] = nil }
    }
    return fault
  }

  /// A drill that is over is no reading.
  private static func isShown(_ id: Reading.ID, _ quality: ReadingQuality) -> Bool {
    !id.isDrill || quality.isKnown
  }

  /// How the reports of a host differ from what was told; nil where they do not.
  func difference(_ reports: [ReadingReport], of host: HostName) -> String? {
    let told = hosts[host] ?? [:]
    for report in reports {
      let shown = Told(value: report.value, quality: report.quality)
      if told[report.id] != shown {
        return "\(host) \(report.id.word) is \(text(shown)), told as \(text(told[report.id]))"
      }
    }
    guard told.count != reports.count else { return nil }
    let gone = told.keys.filter { id in !reports.contains { $0.id == id } }.map(\.word).sorted()
    return "\(host) has no more \(gone), and that was not told"
  }

  private func text(_ told: Told?) -> String { told.map { "\($0.value) \($0.quality)" } ?? "nothing" }
}
