// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// One turn of reading a socket on a queue: until it is empty, or until others on the queue must have theirs.
/// Where much arrives it rests between two readings (`ReceivePace`), so that one wake-up serves many
/// datagrams.
package struct ReceiveLoop {
  /// The loop lets other work onto its queue at least this often (ns).
  private static let longestTurn: Int64 = 20_000_000
  /// Batches read in a row before the clock is looked at again.
  private static let batchesInARow = 16

  private var pace: ReceivePace

  /// - Parameter receiveBuffer: bytes granted (SO_RCVBUF).
  package init(receiveBuffer: Int) {
    pace = ReceivePace(receiveBuffer: receiveBuffer, now: Clocks.monotonic())
  }

  /// Reads for 20 ms at most.
  ///
  /// - Parameter read: reads one batch, given the time in ns of CLOCK_MONOTONIC; returns the number of
  ///   datagrams.
  /// - Returns: whether all that waited was read.
  package mutating func turn(_ read: (_ now: Int64) -> Int) -> Bool {
    let started = Clocks.monotonic()
    var now = started
    while now - started < Self.longestTurn {
      let (count, isEmpty) = Self.drain(now: now, read)
      now = Clocks.monotonic()
      guard isEmpty else { continue }
      let rest = pace.drained(count, now: now)
      guard rest > 0 else { return true }
      // Asleep on this queue rather than waiting for a source: no wake-up for each datagram, and none by a
      // timer.
      var pause = timespec(tv_sec: 0, tv_nsec: Int(rest))
      nanosleep(&pause, nil)
      now = Clocks.monotonic()
    }
    return false
  }

  /// Reads until the socket is empty or it is time to look at the clock.
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
