// SPDX-License-Identifier: Apache-2.0

/// How long the receive loop rests after it has emptied the socket, so that under load one wake-up serves
/// many datagrams: at 10,000/s a wake-up for each costs 33 µs a datagram, one for forty under 5.
///
/// There is no rest on a quiet group, and a short one where a few hosts send copies of what has changed: who
/// waits for readings acts on them. Pure; time is passed in, in monotonic nanoseconds.
package struct ReceivePace {
  /// Datagrams a second below which there is no rest: a wake-up for each is cheap, and the first datagram of
  /// a burst is not delayed.
  static let quietRate = 800.0
  /// How much longer a rest is for each datagram a second, in nanoseconds: the longest at 4,000 a second.
  static let restPerRate = 1000.0
  /// Maximum rest (ns): below the 5 ms within which a datagram must be in the journal.
  static let longestRest: Int64 = 4_000_000
  /// Target number of datagrams for one rest.
  static let wantedBatch = 128.0
  /// Bytes of the receive buffer accounted for a small datagram (skb truesize).
  static let bufferPerDatagram = 832

  private var rate = 0.0
  private var last: Int64
  /// Maximum number of datagrams for one rest: an eighth of the receive buffer, because rates are uneven.
  private let batch: Double
  private let longest: Int64

  /// - Parameter receiveBuffer: bytes granted (SO_RCVBUF); the kernel accounts against twice that.
  package init(receiveBuffer: Int, now: Int64) {
    let room = Double(2 * receiveBuffer / Self.bufferPerDatagram)
    batch = max(1, min(Self.wantedBatch, room / 8))
    // A default-size buffer holds a burst of 256: a long rest would lose a sudden one.
    longest = room < 2000 ? Self.longestRest / 4 : Self.longestRest
    last = now
  }

  /// The socket was emptied of `count` datagrams.
  ///
  /// - Returns: nanoseconds to rest before reading again; 0 to wait for the socket.
  package mutating func drained(_ count: Int, now: Int64) -> Int64 {
    let elapsed = max(1, now - last)
    last = now
    // Moving average over about 20 ms, so that a burst does not count as a rate.
    let seconds = Double(elapsed) / 1e9
    let weight = min(1, seconds / (seconds + 0.02))
    rate += (Double(count) / seconds - rate) * weight
    guard rate > Self.quietRate else { return 0 }
    return min(longest, Int64(min(batch / rate * 1e9, rate * Self.restPerRate)))
  }
}
