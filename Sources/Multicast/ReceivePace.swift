// SPDX-License-Identifier: Apache-2.0

/// How long the receive loop rests after it has emptied the socket, so that under load one wake-up serves
/// many datagrams: a wake-up for each costs 33 µs a datagram at 10,000/s, one for forty under 5.
///
/// On a quiet group it does not rest at all. A pure value; time is passed in, in monotonic nanoseconds.
package struct ReceivePace {
  /// Below this many datagrams a second a wake-up for each is cheap, and the first that matters is not
  /// delayed.
  static let quietRate = 200.0
  /// A datagram is in the journal within 5 ms, so the rest is shorter.
  static let longestRest: Int64 = 4_000_000
  /// Datagrams that one rest should gather.
  static let wantedBatch = 128.0
  /// What a small datagram takes of the receive buffer's accounting (skb truesize), in bytes.
  static let bufferPerDatagram = 832

  private var rate = 0.0
  private var last: Int64
  /// Datagrams that may gather: an eighth of what the receive buffer holds, because rates are not even.
  private let batch: Double
  private let longest: Int64

  /// - Parameter receiveBuffer: bytes granted (SO_RCVBUF); the kernel accounts against twice that.
  package init(receiveBuffer: Int, now: Int64) {
    let room = Double(2 * receiveBuffer / Self.bufferPerDatagram)
    batch = max(1, min(Self.wantedBatch, room / 8))
    // A buffer of default size holds a burst of 256; resting long would lose a sudden one.
    longest = room < 2000 ? Self.longestRest / 4 : Self.longestRest
    last = now
  }

  /// The socket was emptied of `count` datagrams.
  ///
  /// - Returns: nanoseconds to rest before reading again; 0 to wait for the socket.
  package mutating func drained(_ count: Int, now: Int64) -> Int64 {
    let elapsed = max(1, now - last)
    last = now
    // An average over about 20 ms: long enough for a burst not to count as a rate.
    let seconds = Double(elapsed) / 1e9
    let weight = min(1, seconds / (seconds + 0.02))
    rate += (Double(count) / seconds - rate) * weight
    guard rate > Self.quietRate else { return 0 }
    return min(longest, Int64(batch / rate * 1e9))
  }
}
