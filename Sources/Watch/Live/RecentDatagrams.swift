// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform

/// The last datagrams that are not heartbeats. Payloads are kept as bytes and escaped only when drawn, a few
/// times a second at any load.
struct RecentDatagrams: Sendable {
  struct Entry: Sendable {
    /// CLOCK_REALTIME, in nanoseconds.
    var received: Int64
    var source: Endpoint
    var interface: String
    /// Bytes as sent.
    var size: Int
    /// First bytes of the payload, as many as the widest terminal shows.
    var beginning: [UInt8]
  }

  /// Number of datagrams kept: as many as the tallest terminal is likely to show.
  static let capacity = 64
  private static let kept = 512

  private var entries: [Entry] = []
  private var next = 0
  /// Number of datagrams since the start.
  private(set) var total = 0

  var count: Int { entries.count }

  mutating func note(_ datagram: borrowing ReceivedDatagram, interface: String) {
    let entry = Entry(
      received: datagram.receivedNanoseconds, source: datagram.source, interface: interface,
      size: datagram.size, beginning: Array(datagram.payload.prefix(Self.kept)))
    if entries.count < Self.capacity { entries.append(entry) } else { entries[next] = entry }
    next = (next + 1) % Self.capacity
    total += 1
  }

  /// The last datagrams, the oldest first.
  func last(_ wanted: Int) -> [Entry] {
    let wanted = min(wanted, entries.count)
    return (0..<wanted).map { entries[(next + Self.capacity - wanted + $0) % Self.capacity] }
  }
}
