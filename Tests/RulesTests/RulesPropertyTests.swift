// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import TestSupport
import Testing

@testable import Rules
@testable import Simulation

/// What is so of all rules, whatever is heard. Seeds that fail are named; each is a run.
struct RulesPropertyTests {
  private static let start = Int64.seconds(1000)

  private static func nanoseconds(_ millisecond: Int) -> Int64 { start + .milliseconds(Int64(millisecond)) }

  /// Goes on to a time, by each deadline before it.
  private static func advance(_ heard: inout HeardRules, to time: Int64) {
    while let next = heard.book.nextDeadline, next < time { heard.advance(through: next) }
  }

  /// What happens of a rule at a host that is never late.
  private static func transitions(of slow: SlowRule) throws -> [RuleTransition] {
    var heard = HeardRules([try slow.rule], own: "me", at: start)
    for beat in slow.beats {
      let time = nanoseconds(beat.time)
      advance(&heard, to: time)
      heard.hear(beat.payload, proof: .ok, at: time)
      heard.advance(through: time)
    }
    advance(&heard, to: nanoseconds(SlowRule.end))
    return heard.book.takeTransitions()
  }

  private static func steps(_ transitions: [RuleTransition]) -> [SlowRule.Step] {
    transitions.map { SlowRule.Step(time: Int(($0.time - start) / 1_000_000), state: $0.to) }
  }

  @Test("states are those that are found when all is asked anew each millisecond")
  func bruteForce() throws {
    for seed in seeds(25) {
      let slow = SlowRule(seed: seed)
      let results = slow.results()
      let found = Self.steps(try Self.transitions(of: slow))
      let expected = slow.steps(results)
      let isEqual =
        found.map(\.state) == expected.map(\.state)
        && zip(found, expected).allSatisfy { abs($0.time - $1.time) < 10 }
      #expect(
        isEqual, "seed \(seed): \(found), expected \(expected), of \(slow.lines.map(\.text)) \(slow.keys)")
      // Said once more, for it is what matters most.
      let rule = try slow.rule
      for step in found where step.state == .active {
        let isReturning = found.last { $0.time < step.time }?.state == .releasing
        let known = results[max(0, step.time - Int(rule.holdsFor / 1_000_000))...step.time]
        #expect(
          isReturning || known.dropFirst(5).dropLast(5).allSatisfy { $0.when == true && $0.until != true },
          "seed \(seed): active at \(step.time) ms without being so for long enough")
      }
    }
  }

  @Test("who is told late, with the times of arrival, has the same states at the same times")
  func stalls() throws {
    for seed in seeds(60) {
      let slow = SlowRule(seed: seed)
      let expected = try Self.transitions(of: slow)
      for variant in 0..<4 {
        var random = SeededRandom(seed: seed << 8 | UInt64(variant))
        var heard = HeardRules([try slow.rule], own: "me", at: Self.start)
        for beat in slow.beats {
          if variant > 0, random.chance(0.3) {
            // At any time before, and more than once.
            let now = heard.book.clock
            let span = Self.nanoseconds(beat.time) - 1 - now
            if span > 0 { heard.advance(through: now + Int64(random.below(Int(span)))) }
          }
          heard.hear(beat.payload, proof: .ok, at: Self.nanoseconds(beat.time))
          if random.chance(0.2) { heard.advance(through: Self.nanoseconds(beat.time)) }
        }
        heard.advance(through: Self.nanoseconds(SlowRule.end) - 1)
        #expect(heard.book.takeTransitions() == expected, "seed \(seed), variant \(variant)")
      }
    }
  }

  @Test("no limit of flips is exceeded in any span, by more than the way back")
  func flips() throws {
    for seed in seeds(200) {
      let slow = SlowRule(seed: seed)
      let limit = try slow.rule.flipLimit
      let flips = try Self.transitions(of: slow).filter { $0.from.isEntered != $0.to.isEntered }.map(\.time)
      // A state that was entered as the last that is allowed may be left.
      let most = limit.count + limit.count % 2
      for first in flips {
        let within = flips.filter { (0...limit.span).contains($0 - first) }.count
        #expect(within <= most, "seed \(seed): \(within) of \(most) within \(limit.span) ns")
      }
    }
  }

  @Test("the order of datagrams that arrive at the same time is irrelevant")
  func order() throws {
    for seed in seeds(300) {
      let scenario = RuleScenario(seed: seed)
      let states = try scenario.states(order: 1)
      for order in 2..<5 as Range<UInt64> {
        #expect(try scenario.states(order: order) == states, "seed \(seed), order \(order)")
      }
    }
  }
}
