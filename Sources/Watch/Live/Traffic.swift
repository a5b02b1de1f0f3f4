// SPDX-License-Identifier: Apache-2.0

/// How much was received, and how much of it lately. Times are in nanoseconds of CLOCK_MONOTONIC.
struct Traffic: Sendable {
  /// The rate is that of so many whole seconds: senders at 1 Hz show a steady one.
  private static let averaged: Int64 = 5
  private static let second: Int64 = 1_000_000_000

  package private(set) var datagrams = 0
  package private(set) var bytes = 0
  /// What the kernel dropped at our socket.
  var dropped = 0

  private struct Second {
    var number: Int64 = -1
    var datagrams = 0
    var bytes = 0
  }

  private let started: Int64
  private var latest: Int64
  /// By second, modulo their number.
  private var recent = [Second](repeating: Second(), count: Int(averaged) + 1)

  init(startedAt time: Int64) {
    started = time
    latest = time / Self.second
  }

  mutating func note(bytes size: Int, at time: Int64) {
    latest = max(latest, time / Self.second)
    datagrams += 1
    bytes += size
    let place = Int(latest % Int64(recent.count))
    if recent[place].number != latest { recent[place] = Second(number: latest) }
    recent[place].datagrams += 1
    recent[place].bytes += size
  }

  /// A second, over the last whole seconds; nil before the first one is over.
  func rate(at now: Int64) -> (datagrams: Double, bytes: Double)? {
    let current = now / Self.second
    // The second in which we started is not whole.
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
