// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Journal
@testable import Platform

struct LogRateLimiterTests {
  private static let second: Int64 = 1_000_000_000
  private static let flooder = IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001)

  /// One source's entries when it sends `count` datagrams evenly in each of `seconds`.
  private func flood(_ limiter: inout LogRateLimiter, from start: Int64, seconds: Int, count: Int) -> Int {
    let step = Self.second / Int64(count)
    return (0..<seconds * count).count { limiter.admit(Self.flooder, now: start + Int64($0) * step) }
  }

  @Test("a burst at one moment gets all of log.burst, though it is one source's, and not the reserve")
  func burst() {
    var limiter = LogRateLimiter(rate: 100, burst: 1000, now: 0)
    let admitted = (0..<5000).count { _ in limiter.admit(Self.flooder, now: 0) }
    #expect(admitted == 1000)
  }

  @Test("many sources share a burst, and the reserve of a second's rate as well")
  func sharedBurst() {
    var limiter = LogRateLimiter(rate: 100, burst: 1000, now: 0)
    let admitted = (0..<5000).count {
      limiter.admit(IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + UInt64($0)), now: 0)
    }
    #expect(admitted == 1100)
  }

  @Test("a flood gets its rate and no more, once the burst is spent", arguments: [1, 100, 5000])
  func rate(rate: Int) {
    var limiter = LogRateLimiter(rate: rate, burst: 2 * rate, now: 0)
    let first = flood(&limiter, from: 0, seconds: 10, count: 10_000)
    #expect(first <= 13 * rate)
    let later = flood(&limiter, from: 10 * Self.second, seconds: 20, count: 10_000)
    #expect((19 * rate...21 * rate).contains(later))
  }

  @Test("a quiet time fills the bucket again, to the brim and not beyond")
  func refill() {
    var limiter = LogRateLimiter(rate: 100, burst: 400, now: 0)
    _ = flood(&limiter, from: 0, seconds: 10, count: 1000)
    let start = 3600 * Self.second
    let admitted = (0..<5000).count { _ in limiter.admit(Self.flooder, now: start) }
    #expect(admitted == 400)
  }

  @Test("a rate of 0 is no budget: everything gets an entry")
  func unlimited() {
    var limiter = LogRateLimiter(rate: 0, burst: 1, now: 0)
    #expect(!limiter.isLimited)
    let admitted = (0..<100_000).count { _ in limiter.admit(Self.flooder, now: 0) }
    #expect(admitted == 100_000)
  }

  @Test(
    "one that floods cannot silence three that send once a second, whoever comes first", arguments: [0, 30])
  func fairness(head: Int) {
    var limiter = LogRateLimiter(rate: 100, burst: 1000, now: 0)
    let start = Int64(head) * Self.second
    if head > 0 { _ = flood(&limiter, from: 0, seconds: head, count: 2000) }
    let quiet = (0..<3).map { IPAddress(family: .ipv4, high: 0, low: 0x0a00_0100 + UInt64($0)) }
    var flooded = 0
    for step in 0..<120_000 {
      let now = start + Int64(step) * 500_000
      if limiter.admit(Self.flooder, now: now) { flooded += 1 }
      // Each has its own phase.
      let phase = step % 2000 - 300
      if phase >= 0, phase % 500 == 0, phase / 500 < 3 {
        let isAdmitted = limiter.admit(quiet[phase / 500], now: now)
        #expect(isAdmitted, "source \(phase / 500) at step \(step)")
      }
    }
    // 60 s of which the quiet ones took 180: the rest is not left unused.
    #expect(flooded > 60 * 100 - 180 - 600)
  }

  @Test("sources that are forged by the thousand get the budget and no more, and leave no mark")
  func forged() {
    var random = SeededRandom(testSeed: 7)
    var limiter = LogRateLimiter(rate: 100, burst: 1000, now: 0)
    let admitted = (0..<200_000).count {
      let source =
        random.chance(0.5)
        ? IPAddress(family: .ipv4, high: 0, low: random.next() >> 32)
        : IPAddress(family: .ipv6, high: random.next(), low: random.next())
      return limiter.admit(source, now: Int64($0) * 50_000)
    }
    #expect((1900...2100).contains(admitted))
    // For some seconds they still count as sources that share the budget.
    let later = (1...20).count { limiter.admit(Self.flooder, now: Int64(14 + $0) * Self.second) }
    #expect(later == 20)
  }

  @Test(
    "no order of sources and times gives more than the bucket and its rate",
    arguments: 1...5 as ClosedRange<UInt64>)
  func bound(seed: UInt64) {
    var random = SeededRandom(testSeed: seed)
    let (rate, burst) = (1 + random.below(200), 1 + random.below(500))
    var limiter = LogRateLimiter(rate: rate, burst: burst, now: 0)
    var (now, latest): (Int64, Int64) = (0, 0)
    var admitted = 0
    for _ in 0..<50_000 {
      // A step back now and then: no clock that is used does so, but it must do no harm.
      now += random.chance(0.005) ? -Int64(random.below(1_000_000_000)) : Int64(random.below(20_000_000))
      latest = max(latest, now)
      let source = IPAddress(family: .ipv4, high: 0, low: UInt64(random.below(40)))
      if limiter.admit(source, now: now) { admitted += 1 }
      #expect(
        Double(admitted) <= Double(burst + min(rate, burst)) + Double(rate) * Double(latest) / 1e9 + 1e-6)
    }
    #expect(admitted > burst)
  }

  @Test("a clock that goes back does not stop the entries once it goes on")
  func backwards() {
    var limiter = LogRateLimiter(rate: 10, burst: 10, now: 100 * Self.second)
    for _ in 0..<100 { _ = limiter.admit(Self.flooder, now: 100 * Self.second) }
    for _ in 0..<100 { _ = limiter.admit(Self.flooder, now: 0) }
    let early = limiter.admit(Self.flooder, now: 50 * Self.second)
    let later = limiter.admit(Self.flooder, now: 102 * Self.second)
    #expect(!early && later)
  }
}
