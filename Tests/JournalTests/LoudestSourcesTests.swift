// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Journal
@testable import Platform

struct LoudestSourcesTests {
  private func source(_ number: Int) -> IPAddress {
    IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + UInt64(number))
  }

  @Test("as many sources as there are places are counted exactly, the loudest first")
  func exact() {
    var random = SeededRandom(seed: 3)
    var loudest = LoudestSources()
    var truth = [UInt64](repeating: 0, count: LoudestSources.capacity)
    for _ in 0..<10_000 {
      let number = min(random.below(16), random.below(16))
      truth[number] += 1
      loudest.add(source(number))
    }
    let told = loudest.take(16)
    #expect(told.map(\.count) == truth.sorted(by: >))
    for (number, count) in truth.enumerated() {
      #expect(told.contains { $0.source == source(number) && $0.count == count })
    }
  }

  @Test("with more sources, each that is louder than a sixteenth is told, and no count is short or far over")
  func bounded() {
    var random = SeededRandom(seed: 4)
    var loudest = LoudestSources()
    var truth: [IPAddress: UInt64] = [:]
    let total = 40_000
    for _ in 0..<total {
      let source = source(random.chance(0.4) ? random.below(3) : 3 + random.below(5000))
      truth[source, default: 0] += 1
      loudest.add(source)
    }
    let told = loudest.take(LoudestSources.capacity)
    #expect(told.count == LoudestSources.capacity)
    for (source, count) in told {
      let real = truth[source, default: 0]
      #expect(count >= real && count - real <= UInt64(total / LoudestSources.capacity))
    }
    for (source, count) in truth where count > total / LoudestSources.capacity {
      #expect(told.contains { $0.source == source })
    }
  }

  @Test("what has been told is not told again")
  func take() {
    var loudest = LoudestSources()
    for number in 0..<5 { loudest.add(source(number)) }
    loudest.add(source(4))
    let told = loudest.take(3)
    #expect(told.count == 3 && told[0].source == source(4) && told[0].count == 2)
    #expect(loudest.take(3).isEmpty)
  }
}
