// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// One turn of reading a socket on a queue: until the socket is empty, or until the turn's time is up and
/// other work on the queue may run. Under load it rests between reads (`ReceivePace`), so that one wake-up
/// serves many datagrams.
package struct ReceiveLoop {
  /// Maximum length of a turn before other work on the queue may run (ns).
  private static let longestTurn: Int64 = 20_000_000
  /// Batches read in a row before the clock is checked.
  private static let batchesInARow = 16

  private var pace: ReceivePace

  /// - Parameter receiveBuffer: bytes granted (SO_RCVBUF).
  package init(receiveBuffer: Int) {
    pace = ReceivePace(receiveBuffer: receiveBuffer, now: Clocks.monotonic())
  }

  /// Reads for 20 ms at most.
  ///
  /// - Parameters:
  ///   - isDone: whether the turn is to end although there may be more, asked when the socket is empty.
  ///   - read: reads one batch, given the time in ns of CLOCK_MONOTONIC; returns the number of datagrams.
  /// - Returns: whether the socket was emptied.
  package mutating func turn(
    until isDone: (_ now: Int64) -> Bool = { _ in false }, _ read: (_ now: Int64) -> Int
  ) -> Bool {
    let started = Clocks.monotonic()
    var now = started
    while now - started < Self.longestTurn {
      let (count, isEmpty) = Self.drain(now: now, read)
      now = Clocks.monotonic()
      guard isEmpty else { continue }
      let rest = pace.drained(count, now: now)
      guard rest > 0, !isDone(now) else { return true }
      // Sleeps on the queue rather than waiting for a source: no wake-up for each datagram, and none by a
      // timer.
      var pause = timespec(tv_sec: 0, tv_nsec: Int(rest))
      nanosleep(&pause, nil)
      now = Clocks.monotonic()
    }
    return false
  }

  /// Reads what is left in a socket that is about to be closed. Bounded, because anybody may go on sending to
  /// its port.
  ///
  /// - Parameter limit: nanoseconds.
  package static func readRest(within limit: Int64, _ read: (_ now: Int64) -> Int) {
    let end = Clocks.monotonic() + limit
    var now = Clocks.monotonic()
    while now < end, !drain(now: now, read).isEmpty { now = Clocks.monotonic() }
  }

  /// Reads until the socket is empty or the clock has to be checked.
  package static func drain(now: Int64, _ read: (_ now: Int64) -> Int) -> (count: Int, isEmpty: Bool) {
    var total = 0
    for _ in 0..<batchesInARow {
      let count = read(now)
      total += count
      if count < MulticastReceiver.batchSize { return (total, true) }
    }
    return (total, false)
  }
}
