// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform

/// The peers of the table, a slice in each turn of the receive loop, which only copies them.
struct PeerSlices {
  /// Peers copied in one turn, which takes about 0.1 ms.
  static let size = 256

  private let subscriber: Subscriber
  private var place: PeerInterfaces.Place? = PeerInterfaces.Place()

  init(of subscriber: Subscriber) { self.subscriber = subscriber }

  /// A peer with the name of its interface, and what it says.
  typealias Element = (report: PeerReport<PeerID>, interface: String, readings: ReadingCounts)

  /// - Returns: The next peers; nil after the last.
  mutating func next() async -> [Element]? {
    guard let from = place else { return nil }
    // The names of each slice: a number may be another interface's by the next.
    let (part, names, readings) = await subscriber.read { pipeline in
      let liveness = pipeline.monitor.liveness
      let part = liveness.interfaces.reports(from: from, limit: Self.size)
      return (part, liveness.names, part.reports.map { pipeline.readingCounts(of: $0.name) })
    }
    place = part.rest
    return zip(part.reports, readings).map { ($0, names.name(of: $0.id.interface), $1) }
  }
}

extension ReceivePipeline {
  /// How many readings of a host are known now; none without a name.
  func readingCounts(of host: HostName?) -> ReadingCounts {
    host.map { monitor.facts.counts(of: $0, at: Clocks.monotonic()) } ?? ReadingCounts()
  }
}
