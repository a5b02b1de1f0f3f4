// SPDX-License-Identifier: Apache-2.0

import Liveness

/// The peers of the table, a slice in each turn of the receive loop, which only copies them.
struct PeerSlices {
  /// Peers copied in one turn, which takes about 0.1 ms.
  static let size = 256

  private let subscriber: Subscriber
  private var place: PeerInterfaces.Place? = PeerInterfaces.Place()

  init(of subscriber: Subscriber) { self.subscriber = subscriber }

  /// - Returns: The next peers, each with the name of its interface; nil after the last.
  mutating func next() async -> [(report: PeerReport<PeerID>, interface: String)]? {
    guard let from = place else { return nil }
    // The names of each slice: a number may be another interface's by the next.
    let (part, names) = await subscriber.read {
      ($0.monitor.liveness.interfaces.reports(from: from, limit: Self.size), $0.monitor.liveness.names)
    }
    place = part.rest
    return part.reports.map { ($0, names.name(of: $0.id.interface)) }
  }
}
