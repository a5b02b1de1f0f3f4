// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat

@Suite("Replay")
struct ReplayWindowTests {
  /// All that was accepted, written down.
  private struct Model {
    var run: UInt64?
    var accepted: Set<UInt64> = []

    func verdict(run: UInt64, seq: UInt64) -> ReplayWindow.Verdict {
      guard let known = self.run, run <= known else { return .newRun }
      guard run == known else { return .olderRun }
      if let highest = accepted.max(), seq < highest, highest - seq >= 64 { return .tooOld }
      return accepted.contains(seq) ? .duplicate : .next
    }

    mutating func accept(run: UInt64, seq: UInt64) {
      if run != self.run { (self.run, accepted) = (run, []) }
      accepted.insert(seq)
    }
  }

  @Test("it says what a book of all heartbeats says, whatever their numbers")
  func model() {
    var random = SeededRandom(testSeed: 15)
    var met: [ReplayWindow.Verdict: Int] = [:]
    for _ in 0..<300 {
      var (window, model) = (ReplayWindow(), Model())
      let bases: [UInt64] = [0, 1, 60, 1000, .max - 70, .max - 1, .max]
      var (run, seq) = (bases[random.below(bases.count)], bases[random.below(bases.count)])
      for _ in 0..<200 {
        switch random.below(20) {
        case 0: run = run &+ UInt64(random.below(3)) &- 1
        case 1: seq = bases[random.below(bases.count)]
        case 2: seq = seq &+ UInt64(random.below(200)) &- 100
        default: seq = seq &+ UInt64(random.below(8)) &- 3
        }
        let verdict = window.verdict(run: run, seq: seq)
        met[verdict, default: 0] += 1
        guard verdict == model.verdict(run: run, seq: seq) else {
          Issue.record("\(verdict) for \(run) \(seq) in \(window)")
          return
        }
        let before = window
        // Some are not accepted, since they are forged or not fresh.
        if random.below(4) == 0 { continue }
        window.accept(run: run, seq: seq)
        switch verdict {
        case .next, .newRun: model.accept(run: run, seq: seq)
        case .duplicate, .tooOld, .olderRun: #expect(window == before)
        }
        #expect(ReplayWindow(run: window.run, highest: window.highest, seen: window.seen) == window)
      }
    }
    for verdict: ReplayWindow.Verdict in [.next, .newRun, .duplicate, .tooOld, .olderRun] {
      #expect(met[verdict, default: 0] > 100, "\(verdict)")
    }
  }

  @Test("64 numbers are told apart, the highest included")
  func edge() {
    var window = ReplayWindow()
    window.accept(run: 1, seq: 100)
    #expect(window.verdict(run: 1, seq: 37) == .next)
    #expect(window.verdict(run: 1, seq: 36) == .tooOld)
    window.accept(run: 1, seq: 163)
    #expect(window.verdict(run: 1, seq: 100) == .duplicate)
    window.accept(run: 1, seq: 164)
    #expect(window.verdict(run: 1, seq: 100) == .tooOld)
    window.accept(run: 1, seq: .max)
    #expect(window.seen == 1)
    #expect(window.verdict(run: 1, seq: .max) == .duplicate)
    #expect(window.verdict(run: .max, seq: 0) == .newRun)
    window.accept(run: .max, seq: 0)
    #expect(window.verdict(run: .max - 1, seq: .max) == .olderRun)
  }

  @Test(
    "a stored window that cannot have been is refused",
    arguments: [
      (0, 0, 0, true), (1, 0, 0, false), (0, 1, 0, false), (5, 9, 1, true), (5, 9, 2, false),
      (5, 0, 3, false),
      (5, 1, 3, true), (5, 1, 7, false), (5, 62, .max, false), (5, 63, .max, true), (5, .max, .max, true),
      (0, 0, 1, true),
    ] as [(UInt64, UInt64, UInt64, Bool)])
  func stored(run: UInt64, highest: UInt64, seen: UInt64, isPossible: Bool) {
    #expect((ReplayWindow(run: run, highest: highest, seen: seen) != nil) == isPossible)
  }

  @Test("it takes 32 bytes at most, also where there may be none")
  func size() {
    #expect(MemoryLayout<ReplayWindow>.stride <= 32)
    #expect(MemoryLayout<ReplayWindow?>.stride <= 32)
  }

  @Test(
    "a heartbeat is fresh within three intervals and within five seconds, by any clocks",
    arguments: [
      (0, 0, 0, .fresh), (5_000_000, 0, 0, .fresh), (5_000_001, 0, 0, .off(microseconds: 5_000_001)),
      (-5_000_000, 0, 0, .fresh), (-5_000_001, 0, 0, .off(microseconds: -5_000_001)),
      (100, 5_000_100, 1_000_000_000, .fresh), (0, 6_000_000, 2_000_000_000, .fresh),
      (0, 6_000_001, 2_000_000_000, .off(microseconds: -6_000_001)),
      (0, 5_000_001, -1, .off(microseconds: -5_000_001)),
      (.max, .min, 1, .off(microseconds: .max)), (.min, .max, 1, .off(microseconds: .min)),
      (.min, 0, 0, .off(microseconds: .min)), (0, .max, .max, .fresh),
      (0, 5_000_001, .min, .off(microseconds: -5_000_001)),
      (.max, 0, .max / 3, .off(microseconds: .max)),
    ] as [(Int64, Int64, Int64, Freshness)])
  func freshness(sent: Int64, now: Int64, every: Int64, result: Freshness) {
    #expect(Freshness(sent: sent, now: now, every: every) == result)
  }
}
