// SPDX-License-Identifier: Apache-2.0

import Multicast

/// Datagrams that got no entry of their own since the last summary, for one reason.
struct Withheld: Sendable {
  private(set) var count: UInt64 = 0
  /// Monotonic nanoseconds of the first and the last of them.
  private(set) var first: Int64 = 0
  private(set) var last: Int64 = 0

  var isEmpty: Bool { count == 0 }

  /// From the first to the last, in nanoseconds.
  var span: Int64 { last - first }

  mutating func add(_ number: UInt64 = 1, now: Int64) {
    if count == 0 { first = now }
    count += number
    last = now
  }

  mutating func take() -> Withheld {
    defer { self = Withheld() }
    return self
  }
}
