// SPDX-License-Identifier: Apache-2.0

import Facts
import Platform

/// The reply to `ListReadings`, and what `mcastd readings --json` prints.
package struct ReadingsReply: Codable, Sendable, Equatable {
  package var readings: [ReadingReply]

  package init(readings: [ReadingReply]) { self.readings = readings }
}

/// A reading in `ReadingsReply`. Times are microseconds of CLOCK_REALTIME, spans are microseconds.
package struct ReadingReply: Codable, Sendable, Equatable {
  /// The name of the host that says it.
  package var host: String
  /// Where the host's last heartbeat came from; empty for this host.
  package var address: String
  package var key: String
  /// As it was said last; `?` where it is unknown.
  package var value: String
  /// A raw value of `ReadingQuality`.
  package var quality: String
  /// A raw value of `Proof`: what the heartbeat proves that said it; empty where nothing is to be proved.
  package var auth: String
  /// Time since it was said last.
  package var ageUsec: Int64
  /// When it was said last, and since when it is what it is.
  package var heardUsec: Int64
  package var changedUsec: Int64

  package init(_ report: ReadingReport) {
    host = "\(report.host)"
    address = report.address.map { "\($0)" } ?? ""
    key = report.id.key.text
    value = report.value.text
    quality = report.quality.rawValue
    auth = report.proof?.rawValue ?? ""
    ageUsec = Clocks.elapsed(since: report.heard) / 1000
    heardUsec = Clocks.epochMicroseconds(ofMonotonic: report.heard)
    changedUsec = Clocks.epochMicroseconds(ofMonotonic: report.changed)
  }
}

extension ReadingsReply {
  /// By host, then by key, a drill after the true one.
  package func sorted() -> ReadingsReply {
    ReadingsReply(
      readings: readings.sorted {
        ($0.host, $0.key, $0.isDrill ? 1 : 0) < ($1.host, $1.key, $1.isDrill ? 1 : 0)
      })
  }

  /// A table for people.
  ///
  /// - Parameter hosts: Those that were asked for; empty for all.
  package func text(of hosts: [String]) -> ConsoleText {
    guard !readings.isEmpty else {
      return hosts.isEmpty
        ? "no readings: no host says any. `mcastd set KEY=VALUE` says one, as does a file in readings.d.\n"
        : "no readings of \(hosts.joined(separator: ", "))\n"
    }
    let head = ["HOST", "KEY", "VALUE", "AGE", "QUALITY"]
    let rows = readings.map { reading in
      [
        reading.host, reading.key, reading.value, DurationText.words(microseconds: reading.ageUsec),
        reading.quality,
      ]
    }
    return ConsoleText.table(([head] + rows).map { row in row.map { "\($0)" } })
  }
}

extension ReadingReply {
  /// Whether this host says it.
  package var isOwn: Bool { address.isEmpty }

  package var isDrill: Bool { quality == ReadingQuality.drill.rawValue }
}
