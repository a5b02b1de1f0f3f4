// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Monitor
@testable import Platform

struct TopTalkersTests {
  private func source(_ number: Int) -> IPAddress {
    IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + UInt64(number))
  }

  @Test("as many sources as there are places are counted exactly, most datagrams first")
  func exact() {
    var random = SeededRandom(testSeed: 3)
    var talkers = TopTalkers()
    var truth = [UInt64](repeating: 0, count: TopTalkers.capacity)
    for _ in 0..<10_000 {
      let number = min(random.below(16), random.below(16))
      truth[number] += 1
      talkers.add(source(number))
    }
    let top = talkers.take(16)
    #expect(top.map(\.count) == truth.sorted(by: >))
    for (number, count) in truth.enumerated() {
      #expect(top.contains { $0.source == source(number) && $0.count == count })
    }
  }

  @Test(
    "with more sources, each that sends more than a sixteenth is reported, and no count is short or far over")
  func bounded() {
    var random = SeededRandom(testSeed: 4)
    var talkers = TopTalkers()
    var truth: [IPAddress: UInt64] = [:]
    let total = 40_000
    for _ in 0..<total {
      let source = source(random.chance(0.4) ? random.below(3) : 3 + random.below(5000))
      truth[source, default: 0] += 1
      talkers.add(source)
    }
    let top = talkers.take(TopTalkers.capacity)
    #expect(top.count == TopTalkers.capacity)
    for (source, count) in top {
      let real = truth[source, default: 0]
      #expect(count >= real && count - real <= UInt64(total / TopTalkers.capacity))
    }
    for (source, count) in truth where count > total / TopTalkers.capacity {
      #expect(top.contains { $0.source == source })
    }
  }

  @Test("what was reported is not reported again")
  func take() {
    var talkers = TopTalkers()
    for number in 0..<5 { talkers.add(source(number)) }
    talkers.add(source(4))
    let top = talkers.take(3)
    #expect(top.count == 3 && top[0].source == source(4) && top[0].count == 2)
    #expect(talkers.take(3).isEmpty)
  }
}
