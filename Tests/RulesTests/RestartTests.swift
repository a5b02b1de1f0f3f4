// SPDX-License-Identifier: Apache-2.0

import Platform
import Testing

@testable import Rules
@testable import Simulation

/// What a process takes up of the rules of the one before it.
struct RestartTests {
  private static let out = """
    when=all of a: u.s has OB
    until=all of a: u.s has OL
    for=0s
    release-for=0s
    flip-limit=4/1h
    """

  /// A rule whose state was entered and left so often, the last time entered.
  private func listener(flips: Int) throws -> Listener {
    var listener = try Listener(["out": Self.out])
    for flip in 0..<flips {
      listener.hear("a", flip.isMultiple(of: 2) ? "u.s=OB" : "u.s=OL", at: Double(1 + flip))
      listener.advance(through: Double(1 + flip))
    }
    _ = listener.heard.book.takeTransitions()
    return listener
  }

  @Test("a state that goes on is as old as it was, and its flips are those of the hour")
  func goesOn() throws {
    var listener = try listener(flips: 3)
    try listener.restart(["out": Self.out], at: 10)
    listener.adopt("out", at: 10)
    #expect(listener.transitions(through: 10) == ["10 out active adopted"])
    #expect(listener.heard.book.reports(listener.heard.evidence).first?.since == 3_000_000_000)
    listener.hear("a", "u.s=OL", at: 11)
    listener.advance(through: 11)
    let last = try #require(listener.heard.book.takeTransitions().last)
    #expect(last.to == .suspended && last.cause == .flips)
    // Why it was left as well.
    #expect(last.lines.map(\.description) == ["all of a: u.s has OL (a=OL)"])
  }

  @Test("the grace after a restart is for the state that was taken up, and for none that is entered later")
  func graceIsOver() throws {
    var listener = try listener(flips: 1)
    try listener.restart(["out": Self.out + "\nfresh=1s"], at: 10)
    listener.adopt("out", at: 10)
    listener.hear("a", "u.s=OL", at: 10.1)
    listener.hear("a", "u.s=OB", at: 10.2)
    #expect(listener.transitions(through: 10.5).suffix(2) == ["10.1 out inactive", "10.2 out active"])
    // What is unknown ends it, within the five seconds after the start as well.
    #expect(listener.transitions(through: 14).last == "11.2 out suspended flips")
  }

  @Test("numbers in a file that no time can be are left out", arguments: [Int64.min, -1, .max])
  func hostile(number: Int64) throws {
    let rule = try rule(Self.out)
    for state in ["active", "suspended"] {
      let stored = RuleMachine.Stored(state: state, since: number, flips: [number, 1, number])
      var machine = RuleMachine(at: 10)
      machine.restore(stored, at: 10)
      machine.adopt(stored, at: 10, grace: .max)
      #expect(machine.stored?.flips == [1])
      #expect(machine.stored.map { (0...10).contains($0.since) } == true)
      _ = machine.step(rule, when: .perhaps, until: .perhaps, at: 11)
    }
  }

  @Test("what began too often is suspended also where it would begin at once")
  func beginsAtOnce() throws {
    let rule = try rule(Self.out)
    for count in 0..<8 {
      var machine = RuleMachine(at: 100)
      machine.restore(
        RuleMachine.Stored(state: "inactive", since: 1, flips: (0..<count).map(Int64.init)), at: 100)
      _ = machine.step(rule, when: .yes, until: .no, at: 101)
      #expect(machine.state == (count < 4 ? .active : .suspended))
    }
  }

  @Test("a state that was left while nobody decided counts as left")
  func lost() throws {
    var listener = try listener(flips: 3)
    try listener.restart(["out": Self.out], at: 10)
    listener.adopt(at: 10)
    #expect(listener.transitions(through: 10) == ["10 out suspended flips"])
    #expect(listener.states() == [])
  }

  @Test("a suspended rule stays so for the rest of its time, also where its target was started by hand")
  func suspended() throws {
    var listener = try listener(flips: 4)
    try listener.restart(["out": Self.out], at: 10)
    listener.adopt("out", at: 10)
    #expect(listener.states() == ["-out"])
    listener.hear("a", "u.s=OB", at: 11)
    #expect(listener.transitions(through: 3604) == [])
    listener.hear("a", "u.s=OB", at: 3604)
    #expect(listener.transitions(through: 3606).prefix(2) == ["3604 out inactive flips", "3605 out active"])
  }

  @Test("of two rules that feed a state the one goes on that had entered it")
  func fed() throws {
    let rules: KeyValuePairs = [
      "one": "when=all of a: u.s has OB\nuntil=all of a: u.s has OL\nfor=0s\nstate=out",
      "two": "when=all of b: u.s has OB\nuntil=all of b: u.s has OL\nfor=0s\nstate=out",
    ]
    var listener = try Listener(rules)
    listener.hear("a", "u.s=OB", at: 1)
    listener.advance(through: 1)
    try listener.restart(rules, at: 2)
    listener.adopt("out", at: 2)
    #expect(listener.transitions(through: 2) == ["2 one active adopted"])
    // Where nothing is known of them, either may have.
    var other = try Listener(rules)
    other.adopt("out", at: 2)
    #expect(other.transitions(through: 2) == ["2 one active adopted", "2 two active adopted"])
  }

  @Test("a state that is only told goes on by what is stored")
  func dryRun() throws {
    let rules: KeyValuePairs = ["out": Self.out + "\ndry-run=yes"]
    var listener = try Listener(rules)
    listener.hear("a", "u.s=OB", at: 1)
    listener.advance(through: 1)
    try listener.restart(rules, at: 2)
    listener.adopt(at: 2)
    #expect(listener.transitions(through: 2) == ["2 out active adopted"])
    #expect(listener.states() == [])
  }

  @Test("what is stored of times to come, or of too many, is not believed")
  func hostile() throws {
    var machine = RuleMachine(at: 0)
    machine.restore(
      RuleMachine.Stored(
        state: "suspended", since: .max, flips: [Int64.max, 5] + (0..<2000).map { Int64($0 % 7) }), at: 6)
    #expect(machine.state == .suspended && machine.since == 6)
    #expect(machine.flips.count <= RuleFile.mostFlips && machine.flips.allSatisfy { $0 <= 6 })
    var other = RuleMachine(at: 0)
    other.restore(RuleMachine.Stored(state: "suspended", since: 1, flips: []), at: 6)
    other.restore(RuleMachine.Stored(state: "nonsense", since: 1, flips: []), at: 6)
    #expect(other.state == .inactive)
  }
}
