// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Platform

struct TokenBucketTests {
  private static let second: Int64 = 1_000_000_000

  @Test("it starts full, and gains its rate up to its capacity")
  func rate() {
    var bucket = TokenBucket(rate: 10, capacity: 5, now: 0)
    let atOnce = (0..<100).count { _ in bucket.take(now: 0) }
    #expect(atOnce == 5)
    let later = (0..<100).count { _ in bucket.take(now: Self.second / 5) }
    #expect(later == 2)
    let muchLater = (0..<100).count { _ in bucket.take(now: 3600 * Self.second) }
    #expect(muchLater == 5)
  }

  @Test("a clock that goes back adds nothing, and takes nothing away")
  func backwards() {
    var bucket = TokenBucket(rate: 1, capacity: 1, now: 10 * Self.second)
    var taken = [bucket.take(now: 10 * Self.second)]
    for moment in [0, 5, 9, 10] as [Int64] { taken.append(bucket.take(now: moment * Self.second)) }
    taken.append(bucket.take(now: 11 * Self.second))
    #expect(taken == [true, false, false, false, false, true])
  }

  @Test("those who are to leave a reserve find none, and the others find that reserve")
  func reserve() {
    var bucket = TokenBucket(rate: 1, capacity: 10, now: 0)
    let modest = (0..<100).count { _ in bucket.take(now: 0, leaving: 4) }
    let rest = (0..<100).count { _ in bucket.take(now: 0) }
    #expect(modest == 6)
    #expect(rest == 4)
  }

  @Test("what was refilled can be taken without a look at the clock")
  func refill() {
    var bucket = TokenBucket(rate: 1, capacity: 2, now: 0)
    while bucket.take() {}
    bucket.refill(Self.second)
    let taken = (bucket.take(), bucket.take())
    #expect(taken.0 && !taken.1)
  }
}
