// SPDX-License-Identifier: Apache-2.0

/// How long to wait before asking the system again for what it refused: 1 s, doubling to 30 s.
package struct Backoff: Equatable {
  package static let first: Int64 = 1_000_000_000
  package static let longest: Int64 = 30_000_000_000

  private var next = Backoff.first
  /// Whether an attempt is waited for: one is enough, however often the refusal is met.
  private var isPending = false

  package init() {}

  /// Nanoseconds until the next attempt.
  package mutating func take() -> Int64 {
    defer { next = min(next * 2, Self.longest) }
    return next
  }

  /// The same, unless an attempt is waited for.
  package mutating func schedule() -> Int64? {
    guard !isPending else { return nil }
    isPending = true
    return take()
  }

  /// The attempt that was scheduled is made now.
  package mutating func began() { isPending = false }

  package mutating func reset() { next = Self.first }
}
