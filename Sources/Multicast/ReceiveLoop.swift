// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// One turn of reading a socket: until it is empty, or until the turn's time is up and other work on the
/// thread may run. Under load it rests between reads (`ReceivePace`), so that one wake-up serves many
/// datagrams.
package struct ReceiveLoop {
  /// Maximum length of a turn (ns).
  private static let longestTurn: Int64 = 20_000_000
  /// Batches read in a row before the pace is looked at.
  private static let batchesInARow = 16

  private var pace: ReceivePace

  /// - Parameter receiveBuffer: bytes granted (SO_RCVBUF).
  package init(receiveBuffer: Int) {
    pace = ReceivePace(receiveBuffer: receiveBuffer, now: Clocks.monotonic())
  }

  /// Reads for 20 ms at most, one batch at least.
  ///
  /// - Parameters:
  ///   - nextDue: When other work on the thread is due, in ns of CLOCK_MONOTONIC; what is read may bring some
  ///     about. The turn ends with the batch that is read then.
  ///   - read: reads one batch, given the time in ns of CLOCK_MONOTONIC; returns the number of datagrams.
  /// - Returns: whether the socket was emptied.
  package mutating func turn(
    before nextDue: () -> Int64 = { .max }, read: (_ now: Int64) -> Int
  ) -> Bool {
    var now = Clocks.monotonic()
    let longest = now + Self.longestTurn
    var end = min(longest, nextDue())
    repeat {
      let (count, isEmpty) = Self.drain(now: now, before: end, read)
      now = Clocks.monotonic()
      end = min(longest, nextDue())
      guard isEmpty else { continue }
      let rest = min(pace.drained(count, now: now), end - now)
      guard rest > 0 else { return true }
      // Sleeps here rather than waiting for the socket: no wake-up for each datagram, and none by a timer.
      var pause = timespec(tv_sec: 0, tv_nsec: Int(rest))
      nanosleep(&pause, nil)
      now = Clocks.monotonic()
    } while now < end
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

  /// Reads until the socket is empty, for sixteen batches at most.
  ///
  /// - Parameters:
  ///   - now: nanoseconds of CLOCK_MONOTONIC.
  ///   - limit: As of `turn`.
  package static func drain(
    now: Int64, before limit: Int64 = .max, _ read: (_ now: Int64) -> Int
  ) -> (count: Int, isEmpty: Bool) {
    var (now, total) = (now, 0)
    for _ in 0..<batchesInARow {
      let count = read(now)
      total += count
      if count < MulticastReceiver.batchSize { return (total, true) }
      now = Clocks.monotonic()
      if now >= limit { break }
    }
    return (total, false)
  }
}
