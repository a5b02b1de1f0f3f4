// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How many changes were not known in time, beside what independent losses give: with chance p each of n
/// copies is lost, and all are with p to the power of n.
package struct LossShare: Sendable {
  package struct Count: Sendable {
    /// Pairs of a change and a host that should know of it.
    package var pairs = 0
    package var missed = 0
    package var expected = 0.0
    fileprivate var variance = 0.0

    /// How far off it is, in standard deviations.
    package var deviation: Double {
      variance > 0 ? (Double(missed) - expected) / variance.squareRoot() : missed == 0 ? 0 : .infinity
    }
  }

  /// By the share of datagrams that are lost.
  package private(set) var counts: [Double: Count] = [:]

  package init() {}

  mutating func note(_ loss: Double, copies: Int, knows: Bool) {
    var chance = 1.0
    for _ in 0..<copies { chance *= loss }
    counts[loss, default: Count()].pairs += 1
    counts[loss, default: Count()].missed += knows ? 0 : 1
    counts[loss, default: Count()].expected += chance
    counts[loss, default: Count()].variance += chance * (1 - chance)
  }

  package mutating func add(_ other: LossShare) {
    for (loss, count) in other.counts {
      counts[loss, default: Count()].pairs += count.pairs
      counts[loss, default: Count()].missed += count.missed
      counts[loss, default: Count()].expected += count.expected
      counts[loss, default: Count()].variance += count.variance
    }
  }

  /// More than this does not happen by chance where there are enough of them for a normal distribution.
  private static let mostDeviations = 5.0
  private static let fewestExpected = 10.0

  /// Whether as many were missed as independent losses give.
  package var isAsExpected: Bool {
    counts.values.allSatisfy { count in
      count.expected >= Self.fewestExpected
        ? abs(count.deviation) < Self.mostDeviations
        : Double(count.missed) < count.expected + Self.mostDeviations * Self.fewestExpected.squareRoot()
    }
  }
}
