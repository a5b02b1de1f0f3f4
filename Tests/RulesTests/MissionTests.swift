// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import Rules
import TestSupport
import Testing

@testable import Simulation

/// Eleven evenings of three uninterruptible power supplies and two racks. What is expected is what the
/// evaluator found with which the language was designed.
struct MissionTests {
  struct Evening: Sendable, CustomTestStringConvertible {
    var name: String
    var seconds: Int
    var lines: [String] = []
    /// Hosts that are not there.
    var without: [HostName] = []
    var events: [(second: Int, hosts: [HostName], what: RuleScenario.Event.What)]
    /// Seconds and states.
    var expected: String

    var testDescription: String { name }
  }

  private static let supplies: [HostName] = ["ups1", "ups2", "ups3"]
  private static let racks: [HostName] = ["rack1", "rack2"]
  private static let isOut = RuleScenario.Event.What.says("ups.status", "OB DISCHRG")

  private static func flapping(
    each span: Int, until end: Int
  ) -> [(second: Int, hosts: [HostName], what: RuleScenario.Event.What)] {
    stride(from: span, to: end, by: span).map {
      ($0, supplies, .says("ups.status", $0 / span % 2 == 1 ? "OB" : "OL"))
    }
  }

  static let evenings = [
    Evening(
      name: "power is out at 20 s and back at 120 s", seconds: 150,
      events: [(20, supplies, isOut), (120, supplies, .says("ups.status", "OL CHRG"))],
      expected: "20 pending, 30 active, 120 releasing, 125 inactive"),
    Evening(name: "one sensor lies", seconds: 60, events: [(20, ["ups1"], isOut)], expected: ""),
    Evening(
      name: "power is out, then it gets hot", seconds: 120,
      events: [
        (20, ["ups1", "ups2"], isOut), (60, ["rack2"], .says("temp.inlet", "28.4C")),
        (90, ["rack2"], .says("temp.inlet", "30.1C")),
      ],
      expected: "20 pending, 30 active, 90 releasing, 95 inactive"),
    Evening(
      name: "power is out, then a rack is silent", seconds: 100,
      events: [(20, ["ups1", "ups2"], isOut), (60, ["rack1"], .silent)],
      expected: "20 pending, 30 active, 65 releasing, 70 inactive"),
    Evening(
      name: "the same, and unknown holds for 30 s", seconds: 130,
      lines: ["on-unknown=hold", "hold-for=30s"],
      events: [(20, ["ups1", "ups2"], isOut), (60, ["rack1"], .silent)],
      expected: "20 pending, 30 active, 95 releasing, 100 inactive"),
    Evening(
      name: "a rack was never heard", seconds: 60, without: ["rack2"], events: [(20, supplies, isOut)],
      expected: ""),
    Evening(
      name: "a supply is silent from the start, and two say that power is out", seconds: 40,
      without: ["ups3"], events: [(20, ["ups1", "ups2"], isOut)], expected: "20 pending, 30 active"),
    Evening(
      name: "the unit is another one from now on", seconds: 60,
      events: [(10, ["rack1"], .says("temp.inlet", "72.5F")), (20, supplies, isOut)], expected: ""),
    Evening(
      name: "power flaps each 8 s", seconds: 130, events: flapping(each: 8, until: 120),
      expected: stride(from: 8, to: 120, by: 8).map { "\($0) \($0 / 8 % 2 == 1 ? "pending" : "inactive")" }
        .joined(separator: ", ")),
    Evening(
      name: "power flaps each 20 s", seconds: 420, events: flapping(each: 20, until: 400),
      expected: "20 pending, 30 active, 40 releasing, 45 inactive, 60 pending, 70 active, 80 releasing, "
        + "85 inactive, 100 pending, 110 active, 120 releasing, 125 suspended"),
    Evening(
      name: "the whole network is silent while the state is active", seconds: 100,
      events: [(20, supplies, isOut), (60, supplies + racks, .silent)],
      expected: "20 pending, 30 active, 65 releasing, 70 inactive"),
  ]

  @Test("on each of eleven evenings the fans do what they should", arguments: evenings)
  func evening(_ evening: Evening) throws {
    let lines = fansOff.split(separator: "\n").map(String.init).filter { line in
      !evening.lines.contains { $0.hasPrefix(line.prefix { $0 != "=" }) }
    }
    let begin =
      Self.supplies.map { RuleScenario.Event(second: 0, host: $0, what: .says("ups.status", "OL")) }
      + Self.racks.map { RuleScenario.Event(second: 0, host: $0, what: .says("temp.inlet", "22.5C")) }
    let events = evening.events.flatMap { event in
      event.hosts.map { RuleScenario.Event(second: event.second, host: $0, what: event.what) }
    }
    let scenario = RuleScenario(
      seconds: evening.seconds, own: "me", rules: [.init(name: "fans-off", lines: lines + evening.lines)],
      events: (begin + events).filter { !evening.without.contains($0.host) })
    let states = try #require(try scenario.states().first)
    #expect(Self.changes(in: states) == evening.expected)
  }

  /// Letters of states, as seconds and names of those that begin.
  private static func changes(in letters: String) -> String {
    var changes: [String] = []
    var last: Character = "i"
    for (second, letter) in letters.enumerated() where letter != last {
      let state = RuleMachine.State.allCases.first { $0.rawValue.first == letter }
      changes.append("\(second) \(state?.rawValue ?? "\(letter)")")
      last = letter
    }
    return changes.joined(separator: ", ")
  }
}
