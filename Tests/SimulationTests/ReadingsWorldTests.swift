// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Simulation

@Suite("Worlds of readings")
struct ReadingsWorldTests {
  /// `packaging/simulate --readings` runs many more, in a release build.
  @Test("no invariant is broken, whatever goes wrong", arguments: 1...UInt64(12))
  func invariants(seed: UInt64) {
    let world = ReadingsWorld(ReadingsScenario(seed: seed))
    world.run()
    if let violation = world.violation {
      Issue.record("seed \(seed): \(violation)\npackaging/simulate --readings --seed \(seed) --trace")
    }
  }

  @Test("as many changes are missed as independent losses of the copies give")
  func losses() {
    var (losses, worlds, seed) = (LossShare(), 0, UInt64(0))
    while worlds < 40 {
      seed += 1
      let scenario = ReadingsScenario(seed: seed)
      guard scenario.kind == .lossy else { continue }
      worlds += 1
      let world = ReadingsWorld(scenario)
      world.run()
      losses.add(world.losses)
      #expect(world.violation == nil, "seed \(seed)")
    }
    #expect(losses.counts.values.reduce(0) { $0 + $1.pairs } > 500)
    #expect(losses.isAsExpected, "\(losses)")
  }

  @Test("losses that are not independent, or copies that are none, are noticed")
  func otherLosses() {
    var losses = LossShare()
    for pair in 0..<1000 { losses.note(0.5, copies: 4, knows: pair % 16 != 0) }
    #expect(losses.isAsExpected)
    // As with a copy less.
    for pair in 0..<1000 { losses.note(0.5, copies: 4, knows: pair % 8 != 0) }
    #expect(!losses.isAsExpected)
  }

  @Test("the same seed is the same run, another one another", arguments: [5, 15])
  func same(seed: UInt64) {
    func digest(_ seed: UInt64) -> UInt64 {
      let world = ReadingsWorld(ReadingsScenario(seed: seed))
      world.run()
      return world.digest
    }
    #expect(digest(seed) == digest(seed))
    #expect(digest(seed) != digest(seed + 1))
  }

  @Test("when all of 1000 hosts lose power at once, all who hear them know within 100 ms")
  func powerCut() {
    // The sockets of a stock kernel drop some of the first copies.
    let cut = PowerCut(seed: 1, hosts: 1000, socket: 256)
    #expect(cut.violation == nil)
    #expect(cut.outcomes.map(\.known) == Array(repeating: 1000, count: PowerCut.listeners))
  }
}

@Suite("The oracle of readings")
struct ReadingsOracleTests {
  @Test("words are read as they are written")
  func words() {
    let text = "host=a run=1 state=2 a.b=1 c.d=\"x \\\"y\\\" \\\\ z.z=1\" test.e.f=? mac=k:AAAA"
    let payload = Array("ATU 2026-11-30 00:00:00.000000 \(text)".utf8)
    let words = WireWords(of: payload)
    #expect(
      words.words(of: payload).map { "\($0.key)|\($0.value)" } == [
        "a.b|1", "c.d|x \"y\" \\ z.z=1", "test.e.f|?",
      ])
    #expect(WireWords(of: Array(payload.prefix(30))).place.isEmpty)
  }

  @Test("a state is new where its words are, or its run, and was said until it was sent last")
  func versions() {
    var book = SaidVersions()
    func payload(_ words: String) -> [UInt8] { Array("ATU 2026-11-30 00:00:00.000000\(words)".utf8) }
    #expect(book.note(payload(" seq=1 a.b=1"), run: 1, at: 1).number == 0)
    #expect(book.note(payload(" seq=2 a.b=1"), run: 1, at: 2) == (0, false))
    #expect(book.note(payload(" seq=3 a.b=2"), run: 1, at: 3) == (1, true))
    #expect(book.note(payload(" seq=1 a.b=2"), run: 2, at: 4) == (2, true))
    #expect(book.versions.map(\.last) == [2, 3, 4])
    #expect(book.hasSaid("a.b", "1", since: 2) && !book.hasSaid("a.b", "1", since: 3))
  }
}
