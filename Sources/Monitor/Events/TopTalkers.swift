// SPDX-License-Identifier: Apache-2.0

import Platform

/// The sources of the most datagrams, in fixed memory (Metwally et al., "Space-Saving", 2005): a new source
/// replaces the one with the lowest count, and inherits that count as its possible error.
package struct TopTalkers: Sendable {
  package static let capacity = 16

  private var sources: [(source: IPAddress, count: UInt64)] = []

  /// Empty.
  package init() { sources.reserveCapacity(Self.capacity) }

  /// Counts one.
  package mutating func add(_ source: IPAddress) {
    var lowest = 0
    for index in sources.indices {
      // The low bits first: `==` is a call to another module, and most sources are others.
      if sources[index].source.low == source.low, sources[index].source == source {
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
  package mutating func take(_ count: Int) -> [(source: IPAddress, count: UInt64)] {
    defer { sources.removeAll(keepingCapacity: true) }
    return Array(sources.sorted { $0.count > $1.count }.prefix(count))
  }
}
