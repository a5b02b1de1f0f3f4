// SPDX-License-Identifier: Apache-2.0

import Platform

/// What arrived on the wire and at no socket.
struct Loss: Equatable {
  /// Sources of which nothing was heard.
  package private(set) var sources: Set<IPAddress> = []
  /// Datagrams of sources of which some were heard: those that were lost, and all of them.
  private(set) var partial = (lost: 0, of: 0)

  /// Whether everything that arrived was heard, as far as that can be told.
  var isNone: Bool { sources.isEmpty && !isPartial }

  /// Whether more is missing than the two counts may differ by: one that is under way as they are taken.
  var isPartial: Bool { partial.lost > 2 && partial.lost * 10 > partial.of }

  /// - Parameter wanted: the only sources that are accepted; empty for any.
  init(arrived: PacketCapture.Arrivals, heard: PacketCapture.Arrivals, wanted: [IPAddress]) {
    // Beyond the limit, each may have counted others.
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
