// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Multicast

struct ReceivePaceTests {
  /// The pauses of the loop at a constant rate, over a number of seconds.
  private func rests(rate: Double, buffer: Int, seconds: Double = 5) -> [Int64] {
    var pace = ReceivePace(receiveBuffer: buffer, now: 0)
    var rests: [Int64] = []
    var (now, read) = (Int64(0), 0)
    // A whole number, or rounding would make two wake-ups of one datagram.
    let period = Int64((1e9 / rate).rounded(.up))
    while Double(now) < seconds * 1e9 {
      let arrived = Int(now / period)
      let rest = pace.drained(arrived - read, now: now)
      read = arrived
      rests.append(rest)
      // Without a rest the socket wakes the loop for the next datagram.
      now = rest > 0 ? now + rest : Int64(read + 1) * period
    }
    return rests
  }

  @Test("below 800 datagrams a second it never rests", arguments: [0.2, 1, 10, 100, 190, 700])
  func quiet(rate: Double) {
    #expect(rests(rate: rate, buffer: 4 << 20, seconds: 100).allSatisfy { $0 == 0 })
  }

  @Test(
    "a pause never exceeds the limit on a datagram's way to the journal",
    arguments: [900, 2000, 50_000, 1_000_000])
  func longest(rate: Double) {
    let all = rests(rate: rate, buffer: 4 << 20)
    #expect(all.allSatisfy { (0...ReceivePace.longestRest).contains($0) })
    #expect(ReceivePace.longestRest < 5_000_000)
    #expect(all.contains { $0 > 0 })
  }

  @Test("under load one wake-up serves many", arguments: [10_000, 30_000, 200_000] as [Double])
  func gathers(rate: Double) {
    let count = rests(rate: rate, buffer: 4 << 20, seconds: 5).count
    #expect(Double(count) < 5 * rate / 30)
  }

  @Test(
    "a pause never lets a small buffer fill up",
    arguments: [2048, 4096, 106_496, 212_992, 1 << 20],
    [1_000, 20_000, 300_000] as [Double])
  func smallBuffer(buffer: Int, rate: Double) {
    // socket(7): the kernel charges against twice the requested size.
    let room = Double(2 * buffer / ReceivePace.bufferPerDatagram)
    for rest in rests(rate: rate, buffer: buffer, seconds: 2).dropFirst(2000) {
      #expect(Double(rest) / 1e9 * rate <= max(2, room / 4))
    }
    if buffer <= 212_992 { #expect(rests(rate: rate, buffer: buffer).allSatisfy { $0 <= 1_000_000 }) }
  }

  @Test("after a flood the pauses soon end")
  func calms() {
    var pace = ReceivePace(receiveBuffer: 4 << 20, now: 0)
    var now: Int64 = 0
    for _ in 0..<1000 {
      now += 1_000_000
      _ = pace.drained(100, now: now)
    }
    var turns = 0
    while case let rest = pace.drained(0, now: now), rest > 0, turns < 1000 {
      now += rest
      turns += 1
    }
    // 100,000 a second fall below 800 after some 6 times 20 ms.
    #expect(turns < 200)
  }

  @Test("no count and no time makes it trap, or rest too long", arguments: 1...3 as ClosedRange<UInt64>)
  func extremes(seed: UInt64) {
    var random = SeededRandom(testSeed: seed)
    var pace = ReceivePace(receiveBuffer: random.below(1 << 24), now: 0)
    var now: Int64 = 0
    for _ in 0..<10_000 {
      now +=
        random.chance(0.1) ? 0 : Int64(truncatingIfNeeded: random.next() >> UInt64(20 + random.below(40)))
      let rest = pace.drained(random.below(100_000), now: now)
      #expect((0...ReceivePace.longestRest).contains(rest))
    }
  }
}
