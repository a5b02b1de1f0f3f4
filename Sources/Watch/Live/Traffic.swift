// SPDX-License-Identifier: Apache-2.0

/// Total and recent rate of received datagrams. Times are in nanoseconds of CLOCK_MONOTONIC.
struct Traffic: Sendable {
  /// Whole seconds over which the rate is averaged: steady for senders at 1 Hz.
  private static let averaged: Int64 = 5
  private static let second: Int64 = 1_000_000_000

  private(set) var datagrams = 0
  /// Datagrams dropped by the kernel at this socket.
  var dropped = 0

  private struct Second {
    var number: Int64 = -1
    var datagrams = 0
    var bytes = 0
  }

  private let started: Int64
  private var latest: Int64
  /// Indexed by the second modulo the count.
  private var recent = [Second](repeating: Second(), count: Int(averaged) + 1)

  init(startedAt time: Int64) {
    started = time
    latest = time / Self.second
  }

  mutating func note(bytes size: Int, at time: Int64) {
    latest = max(latest, time / Self.second)
    datagrams += 1
    let place = Int(latest % Int64(recent.count))
    if recent[place].number != latest { recent[place] = Second(number: latest) }
    recent[place].datagrams += 1
    recent[place].bytes += size
  }

  /// Rate per second over the last whole seconds; nil before the first one has ended.
  func rate(at now: Int64) -> (datagrams: Double, bytes: Double)? {
    let current = now / Self.second
    // The second of the start is incomplete.
    let seconds = min(Self.averaged, current - started / Self.second - 1)
    guard seconds > 0 else { return nil }
    var sum = Second()
    for second in recent where (current - seconds)..<current ~= second.number {
      sum.datagrams += second.datagrams
      sum.bytes += second.bytes
    }
    return (Double(sum.datagrams) / Double(seconds), Double(sum.bytes) / Double(seconds))
  }
}
