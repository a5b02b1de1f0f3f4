// SPDX-License-Identifier: Apache-2.0

/// How long to wait before asking the system again for what it refused: 1 s, doubling to 30 s.
struct Backoff: Equatable {
  static let first: Int64 = 1_000_000_000
  static let longest: Int64 = 30_000_000_000

  private var next = Backoff.first

  /// Nanoseconds until the next attempt.
  mutating func take() -> Int64 {
    defer { next = min(next * 2, Self.longest) }
    return next
  }

  mutating func reset() { next = Self.first }
}
