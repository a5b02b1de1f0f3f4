// SPDX-License-Identifier: Apache-2.0

import Platform
import Testing

@testable import Rules

/// Times are in seconds, and rules are of one condition, whose result is given.
struct RuleMachineTests {
  private static let second: Int64 = 1_000_000_000

  /// A machine, and the time at which it is.
  private struct Driven {
    var rule: Rule
    var machine = RuleMachine(at: 0)
    var now: Int64 = 0

    init(_ lines: String...) throws {
      rule = try RulesTests.rule((["when=a.a has x", "until=a.a has y"] + lines).joined(separator: "\n"))
    }

    /// Steps at a second.
    mutating func step(_ second: Double, when: Ternary, until: Ternary) -> RuleMachine.State {
      now = Int64(second * 1e9)
      _ = machine.step(rule, when: when, until: until, at: now)
      return machine.state
    }

    /// When it goes on by itself, in seconds.
    func deadline(when: Ternary, until: Ternary) -> Double? {
      machine.deadline(rule, when: when, until: until, at: now).map { Double($0) / 1e9 }
    }

    /// Until it is active, at once.
    mutating func activate(at second: Double) {
      let span = rule.holdsFor
      rule.holdsFor = 0
      #expect(step(second, when: .yes, until: .no) == .active)
      rule.holdsFor = span
    }
  }

  @Test("what must hold must hold without a break")
  func pending() throws {
    var driven = try Driven("for=3s")
    #expect(driven.step(0, when: .no, until: .no) == .inactive)
    #expect(driven.deadline(when: .no, until: .no) == nil)
    #expect(driven.step(1, when: .yes, until: .no) == .pending)
    #expect(driven.deadline(when: .yes, until: .no) == 4)
    #expect(driven.step(3.9, when: .no, until: .no) == .inactive)
    #expect(driven.step(4, when: .yes, until: .no) == .pending)
    #expect(driven.step(6.9, when: .yes, until: .no) == .pending)
    #expect(driven.step(7, when: .yes, until: .no) == .active)
    #expect(driven.machine.since == 7 * Self.second)
  }

  @Test("unknown is a break, and begins nothing", arguments: [Ternary.perhaps, .no])
  func unknown(when: Ternary) throws {
    var driven = try Driven("for=3s")
    #expect(driven.step(1, when: when, until: .no) == .inactive)
    #expect(driven.step(2, when: .yes, until: .perhaps) == .pending)
    #expect(driven.step(3, when: when, until: .perhaps) == .inactive)
  }

  @Test("nothing begins while the end is so")
  func ended() throws {
    var driven = try Driven("for=0s")
    #expect(driven.step(1, when: .yes, until: .yes) == .inactive)
    #expect(driven.deadline(when: .yes, until: .yes) == nil)
    #expect(driven.step(2, when: .yes, until: .no) == .active)
  }

  @Test("in between nothing changes")
  func hysteresis() throws {
    var driven = try Driven("release-for=2s")
    driven.activate(at: 1)
    #expect(driven.step(2, when: .no, until: .no) == .active)
    #expect(driven.step(3, when: .perhaps, until: .no) == .active)
    #expect(driven.deadline(when: .perhaps, until: .no) == nil)
  }

  @Test("the end must hold without a break as well")
  func releasing() throws {
    var driven = try Driven("release-for=2s")
    driven.activate(at: 1)
    #expect(driven.step(2, when: .yes, until: .yes) == .releasing)
    #expect(driven.deadline(when: .yes, until: .yes) == 4)
    #expect(driven.step(3.9, when: .yes, until: .no) == .active)
    #expect(driven.step(4, when: .yes, until: .yes) == .releasing)
    #expect(driven.step(5.9, when: .yes, until: .yes) == .releasing)
    #expect(driven.step(6, when: .yes, until: .yes) == .inactive)
  }

  @Test("an end takes as long as a beginning, where nothing else is said")
  func symmetric() throws {
    var driven = try Driven("for=3s")
    driven.activate(at: 1)
    #expect(driven.step(2, when: .yes, until: .yes) == .releasing)
    #expect(driven.deadline(when: .yes, until: .yes) == 5)
  }

  @Test("what is unknown ends")
  func release() throws {
    var driven = try Driven("release-for=2s")
    driven.activate(at: 1)
    #expect(driven.step(2, when: .perhaps, until: .perhaps) == .releasing)
    #expect(driven.step(4, when: .perhaps, until: .perhaps) == .inactive)
  }

  @Test("or is held for a while, counted anew each time")
  func hold() throws {
    var driven = try Driven("release-for=2s", "on-unknown=hold", "hold-for=10s")
    driven.activate(at: 1)
    #expect(driven.step(2, when: .perhaps, until: .perhaps) == .active)
    #expect(driven.deadline(when: .perhaps, until: .perhaps) == 12)
    #expect(driven.step(11.9, when: .perhaps, until: .perhaps) == .active)
    #expect(driven.step(11.95, when: .perhaps, until: .no) == .active)
    #expect(driven.step(13, when: .perhaps, until: .perhaps) == .active)
    #expect(driven.step(22.9, when: .perhaps, until: .perhaps) == .active)
    #expect(driven.step(23, when: .perhaps, until: .perhaps) == .releasing)
    #expect(driven.step(25, when: .perhaps, until: .perhaps) == .inactive)
  }

  @Test("what was unknown before the state was entered does not count")
  func holdAnew() throws {
    var driven = try Driven("for=0s", "release-for=0s", "on-unknown=hold", "hold-for=10s")
    driven.activate(at: 1)
    _ = driven.step(2, when: .yes, until: .perhaps)
    #expect(driven.step(12, when: .no, until: .perhaps) == .inactive)
    #expect(driven.step(20, when: .yes, until: .perhaps) == .active)
    #expect(driven.step(21, when: .yes, until: .perhaps) == .active)
    #expect(driven.deadline(when: .yes, until: .perhaps) == 30)
  }

  @Test("whoever flips too often is suspended once it is left, for as long as the limit's span")
  func suspended() throws {
    var driven = try Driven("for=0s", "release-for=0s", "flip-limit=4/10s")
    for second in [1.0, 3] {
      #expect(driven.step(second, when: .yes, until: .no) == .active)
      let left = driven.step(second + 1, when: .yes, until: .yes)
      #expect(left == (second == 1 ? .inactive : .suspended))
    }
    #expect(driven.machine.flips.count == 4)
    #expect(driven.deadline(when: .yes, until: .no) == 14 + 1e-9)
    #expect(driven.step(14, when: .yes, until: .no) == .suspended)
    #expect(driven.step(14.1, when: .yes, until: .no) == .inactive)
    #expect(driven.machine.flips.isEmpty)
    #expect(driven.step(15.1, when: .yes, until: .no) == .active)
  }

  @Test("flips of long ago do not count")
  func oldFlips() throws {
    var driven = try Driven("for=0s", "release-for=0s", "flip-limit=4/10s")
    for second in [1, 10.5, 20, 29.5] {
      #expect(driven.step(second, when: .yes, until: .no) == .active)
      #expect(driven.step(second + 1, when: .yes, until: .yes) == .inactive)
    }
  }

  @Test("a state that was entered before is not left for what is unknown, until hosts can have been heard")
  func adopted() throws {
    var driven = try Driven("release-for=2s")
    driven.machine.adopt(at: 0, grace: 5 * Self.second)
    #expect(driven.machine.state == .active)
    #expect(driven.machine.flips.isEmpty)
    #expect(driven.step(0, when: .perhaps, until: .perhaps) == .active)
    #expect(driven.deadline(when: .perhaps, until: .perhaps) == 5)
    #expect(driven.step(4.9, when: .perhaps, until: .perhaps) == .active)
    #expect(driven.step(5, when: .perhaps, until: .perhaps) == .releasing)
    // What is known ends it at any time.
    var known = try Driven("release-for=0s")
    known.machine.adopt(at: 0, grace: 5 * Self.second)
    #expect(known.step(1, when: .no, until: .yes) == .inactive)
  }

  @Test("who adopts and holds holds for the longer of the two")
  func adoptedAndHeld() throws {
    var driven = try Driven("on-unknown=hold", "hold-for=20s")
    driven.machine.adopt(at: 0, grace: 5 * Self.second)
    _ = driven.step(1, when: .perhaps, until: .perhaps)
    #expect(driven.deadline(when: .perhaps, until: .perhaps) == 21)
  }

  @Test("a rule that is another one waits anew, and leaves nothing")
  func reconsidered() throws {
    var driven = try Driven("for=3s")
    _ = driven.step(1, when: .yes, until: .no)
    driven.machine.reconsider(at: 2 * Self.second)
    #expect(driven.machine.state == .inactive)
    driven.activate(at: 5)
    driven.machine.reconsider(at: 6 * Self.second)
    #expect(driven.machine.state == .active)
  }

  @Test("no span is so long that a deadline is before now")
  func longest() throws {
    var driven = try Driven("for=744h", "release-for=744h", "on-unknown=hold", "hold-for=744h")
    let late = Int64.max - 10
    _ = driven.machine.step(driven.rule, when: .yes, until: .no, at: late)
    #expect(driven.machine.deadline(driven.rule, when: .yes, until: .no, at: late) == .max)
    driven.machine.adopt(at: late, grace: 100)
    #expect(driven.machine.deadline(driven.rule, when: .no, until: .perhaps, at: late) == .max)
  }
}
