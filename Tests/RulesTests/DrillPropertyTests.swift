// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import TestSupport
import Testing

@testable import Rules
@testable import Simulation

/// Values for practice, in random scenarios. Seeds that fail are named; each is a run.
struct DrillPropertyTests {
  private struct Run {
    /// Of the rule, each second.
    var states: [RuleMachine.State] = []
    /// For practice; nil where there is none.
    var drills: [RuleMachine.State?] = []
  }

  /// How values for practice are said.
  private enum Saying { case none, beside, instead }

  private struct Drill {
    var host: HostName
    var key: String
    var values: [Int: String]
    var seconds: Range<Int>
  }

  private static func run(_ scenario: RuleScenario, _ rule: Rule, _ drills: [Drill], _ saying: Saying) -> Run
  {
    var heard = HeardRules([rule], own: scenario.own, at: 0)
    var senders: [HostName: ReadingsSender] = [:]
    var said: [HostName: [String: String]] = [:]
    var run = Run()
    for second in 0...scenario.seconds {
      let now = Int64.seconds(Int64(second) + 1)
      for event in scenario.events where event.second == second {
        if case .says(let key, let value) = event.what { said[event.host, default: [:]][key] = value }
      }
      for (host, values) in said.sorted(by: { "\($0.key)" < "\($1.key)" }) {
        var values = values
        for drill in drills where drill.host == host && drill.seconds.contains(second) && saying != .none {
          let value = (drill.seconds.lowerBound...second).reversed().compactMap { drill.values[$0] }.first
          values[saying == .beside ? "test.\(drill.key)" : drill.key] = value
        }
        var sender = senders[host] ?? ReadingsSender(host)
        for key in ["ups.status", "temp.inlet", "x.x", "test.ups.status", "test.temp.inlet"] {
          sender.say(key, values[key])
        }
        if host == scenario.own {
          heard.say(sender.said, at: now)
        } else {
          heard.hear(sender.beat(), proof: .signed, at: now)
        }
        senders[host] = sender
      }
      heard.advance(through: now)
      run.states.append(heard.book.entries[0].machine.state)
      run.drills.append(heard.book.entries[0].drill?.state)
    }
    return run
  }

  @Test("values for practice change nothing of what is, and do what they would if they were true")
  func drills() throws {
    for seed in seeds(400) {
      var random = SeededRandom(seed: 0x18 << 32 | seed)
      var scenario = RuleScenario(seed: seed)
      let rule = try RuleScenario.rule(scenario.rules[0])
      guard rule.conditions.allSatisfy({ $0.test.subject != .peer }) else { continue }
      // All are heard, so that a value for practice is there while it is said.
      scenario.events.removeAll { $0.what == .silent }
      guard let host = scenario.events.first(where: { $0.second == 0 && $0.host != scenario.own })?.host
      else {
        continue
      }
      let begin = 1 + random.below(scenario.seconds / 2)
      let end = begin + 2 + random.below(scenario.seconds - begin)
      let drills = ["ups.status", "temp.inlet"].map { key in
        let all = key == "ups.status" ? ["OB", "OL", "OB DISCHRG"] : ["22C", "30C", "?"]
        var values = [begin: all[0]]
        for second in begin..<end where random.chance(0.2) { values[second] = all[random.below(3)] }
        return Drill(host: host, key: key, values: values, seconds: begin..<end)
      }
      let none = Self.run(scenario, rule, drills, .none)
      let beside = Self.run(scenario, rule, drills, .beside)
      let instead = Self.run(scenario, rule, drills, .instead)
      #expect(beside.states == none.states, "seed \(seed): drills changed what is")
      #expect(none.drills.allSatisfy { $0 == nil })
      for second in 0...scenario.seconds {
        guard let drill = beside.drills[second] else { continue }
        #expect(drill == instead.states[second], "seed \(seed) at \(second) s")
      }
      // That a rule that asks the host is practised at all.
      let asks = rule.conditions.contains {
        if case .others(let hosts, _) = $0.hosts { hosts.contains(.name(host)) } else { false }
      }
      #expect(!asks || beside.drills[begin] != nil, "seed \(seed)")
      #expect(end > scenario.seconds || beside.drills[end] == nil, "seed \(seed)")
    }
  }
}
