// SPDX-License-Identifier: Apache-2.0

import Platform

/// Datagrams that were captured and reached no socket.
struct Loss: Equatable {
  /// Sources of which no datagram was received.
  private(set) var sources: Set<IPAddress> = []
  /// Datagrams of sources of which some were received: those lost, and all.
  private(set) var partial = (lost: 0, of: 0)

  /// Whether no loss can be shown.
  var isNone: Bool { sources.isEmpty && !isPartial }

  /// Whether more is missing than the two counts may differ by, since they are not taken at the same moment.
  var isPartial: Bool { partial.lost > 2 && partial.lost * 10 > partial.of }

  /// - Parameter wanted: the only sources that are accepted; empty for any.
  init(arrived: PacketCapture.Arrivals, heard: PacketCapture.Arrivals, wanted: [IPAddress]) {
    // Beyond the limit of sources the two may have counted different ones.
    guard !arrived.isFull, !heard.isFull else { return }
    for (source, count) in arrived.bySource where wanted.isEmpty || wanted.contains(source) {
      guard let received = heard.bySource[source] else {
        sources.insert(source)
        continue
      }
      partial.lost += max(0, count - received)
      partial.of += count
    }
  }

  static func == (left: Loss, right: Loss) -> Bool {
    left.sources == right.sources && left.partial == right.partial
  }
}
