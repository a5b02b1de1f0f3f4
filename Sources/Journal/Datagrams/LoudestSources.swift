// SPDX-License-Identifier: Apache-2.0

import Platform

/// The sources that account for the most datagrams, in fixed memory (Metwally et al., "Space-Saving", 2005): a new
/// source takes the place of the quietest, and inherits its count as its possible error.
struct LoudestSources {
  static let capacity = 16

  private var sources: [(source: IPAddress, count: UInt64)] = []

  init() { sources.reserveCapacity(Self.capacity) }

  mutating func add(_ source: IPAddress) {
    var quietest = 0
    for index in sources.indices {
      if sources[index].source == source {
        sources[index].count += 1
        return
      }
      if sources[index].count < sources[quietest].count { quietest = index }
    }
    if sources.count < Self.capacity {
      sources.append((source, 1))
    } else {
      sources[quietest] = (source, sources[quietest].count + 1)
    }
  }

  /// Loudest first; empties the count.
  mutating func take(_ count: Int) -> [(source: IPAddress, count: UInt64)] {
    defer { sources.removeAll(keepingCapacity: true) }
    return Array(sources.sorted { $0.count > $1.count }.prefix(count))
  }
}
