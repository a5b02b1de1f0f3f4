// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import TestSupport

@testable import Rules
@testable import Simulation

/// A rule, and hosts whose heartbeats arrive at any millisecond or not at all: by brute force, with all asked
/// anew each millisecond.
///
/// Times are in milliseconds. All of a host are of one residue modulo 10, and all spans are multiples of 10:
/// so nothing of two hosts happens at the same time, and what is found a millisecond late is in order all the
/// same.
struct SlowRule {
  struct Test {
    var text: String
    var holds: @Sendable (String) -> Bool?
  }

  struct Line {
    var isUntil: Bool
    var hosts: [Int]
    var needed: Int
    var test: Test
    var text: String
  }

  struct Beat {
    var time: Int
    var host: Int
    /// As its heartbeat has them.
    var words: [(key: String, value: String)]
    var payload: [UInt8]
  }

  static let hosts: [HostName] = ["a", "b", "c"]
  static let end = 25_000
  /// Five beats.
  private static let fresh = 5000

  private static let tests = [
    Test(text: "s.w has A") { $0.contains(where: \.isNumber) ? nil : $0.split(separator: " ").contains("A") },
    Test(text: "s.w lacks B") {
      $0.contains(where: \.isNumber) ? nil : !$0.split(separator: " ").contains("B")
    },
    Test(text: "s.w != A") { $0.contains(where: \.isNumber) ? nil : $0 != "A" },
    Test(text: "n.n < 20C") { ["10C": true, "19.9C": true, "20C": false, "30C": false][$0] },
    Test(text: "n.n >= 20C") { ["10C": false, "19.9C": false, "20C": true, "30C": true][$0] },
  ]
  private static let values = [
    "s.w": ["A", "B", "A B", "A", "?", "7", ""], "n.n": ["10C", "19.9C", "20C", "30C", "?", "x", "20V"],
  ]

  private(set) var lines: [Line] = []
  private(set) var beats: [Beat] = []
  private(set) var keys: [String] = []
  private let holdsFor, releasesFor, holdFor, flipCount, flipSpan: Int
  private let isHolding: Bool

  init(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    holdsFor = [0, 300, 1500, 3000][random.below(4)]
    releasesFor = [0, 300, 2000][random.below(3)]
    isHolding = random.chance(0.5)
    holdFor = [0, 700, 4000][random.below(3)]
    flipCount = 2 + random.below(3)
    flipSpan = [1000, 4000, 60_000][random.below(3)]
    keys = [
      "for=\(holdsFor)ms", "release-for=\(releasesFor)ms", "on-unknown=\(isHolding ? "hold" : "release")",
      "hold-for=\(holdFor)ms", "flip-limit=\(flipCount)/\(flipSpan)ms",
    ]
    for _ in 0...random.below(2) { lines.append(Self.line(isUntil: false, &random)) }
    for _ in 0..<random.below(3) { lines.append(Self.line(isUntil: true, &random)) }
    for host in Self.hosts.indices { beats += Self.beats(of: host, &random) }
    beats.sort { $0.time < $1.time }
  }

  /// The rule that it is.
  var rule: Rule {
    get throws {
      let lines = lines.map { ($0.isUntil ? "until=" : "when=") + $0.text }
      return try RulesTests.rule((lines + keys).joined(separator: "\n"))
    }
  }

  private static func line(isUntil: Bool, _ random: inout SeededRandom) -> Line {
    let hosts = Array(Self.hosts.indices.shuffled(using: &random).prefix(1 + random.below(Self.hosts.count)))
    let needed = 1 + random.below(hosts.count)
    let test = tests[random.below(tests.count)]
    let names = hosts.map { "\(Self.hosts[$0])" }.joined(separator: ",")
    return Line(
      isUntil: isUntil, hosts: hosts, needed: needed, test: test, text: "\(needed) of \(names): \(test.text)")
  }

  private static func beats(of host: Int, _ random: inout SeededRandom) -> [Beat] {
    var sender = ReadingsSender(hosts[host])
    var said: [String: String] = [:]
    var beats: [Beat] = []
    var time = 1 + host
    while time < end {
      for (key, values) in values.sorted(by: { $0.key < $1.key }) where said[key] == nil || random.chance(0.2)
      {
        let value = values[random.below(values.count)]
        said[key] = value
        sender.say(key, value.isEmpty ? nil : value)
      }
      let payload = sender.beat()
      // Lost ones, and silence of up to ten beats.
      if !random.chance(0.15) {
        let words = said.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }.map {
          (key: $0.key, value: $0.value)
        }
        beats.append(Beat(time: time, host: host, words: words, payload: payload))
      }
      time += 10 * (random.chance(0.05) ? 100 * random.below(100) : 20 + random.below(81))
      time = max(time, (beats.last?.time ?? 0) + 10)
    }
    return beats
  }

  // MARK: By brute force

  struct Step: Equatable, CustomStringConvertible {
    var time: Int
    var state: RuleMachine.State

    var description: String { "\(time) \(state.rawValue)" }
  }

  /// What a millisecond finds.
  struct Results: Equatable {
    var when: Bool?
    var until: Bool?
  }

  /// What is so at each millisecond, from 0 on.
  func results() -> [Results] {
    var (heard, said) = ([Int?](repeating: nil, count: Self.hosts.count), [[Bool?]]())
    said = lines.map { _ in [Bool?](repeating: nil, count: Self.hosts.count) }
    var next = 0
    return (0..<Self.end).map { now in
      while next < beats.count, beats[next].time == now {
        let beat = beats[next]
        heard[beat.host] = now
        for (place, line) in lines.enumerated() {
          let value = beat.words.first { line.test.text.hasPrefix($0.key) }?.value
          said[place][beat.host] = value.flatMap { $0 == "?" ? nil : line.test.holds($0) }
        }
        next += 1
      }
      let results = lines.enumerated().map { place, line in
        Self.quorum(
          line.hosts.map { host in
            heard[host].map { now - $0 <= Self.fresh } == true ? said[place][host] : nil
          }, line.needed)
      }
      let when = zip(lines, results).filter { !$0.0.isUntil }.map(\.1)
      let until = zip(lines, results).filter { $0.0.isUntil }.map(\.1)
      let isSo = when.contains(false) ? false : when.contains(nil) ? nil : true
      guard !until.isEmpty else { return Results(when: isSo, until: isSo.map { !$0 }) }
      return Results(when: isSo, until: until.contains(true) ? true : until.contains(nil) ? nil : false)
    }
  }

  private static func quorum(_ results: [Bool?], _ needed: Int) -> Bool? {
    let (yes, unknown) = (results.filter { $0 == true }.count, results.filter { $0 == nil }.count)
    return yes >= needed ? true : yes + unknown < needed ? false : nil
  }

  private struct Machine: Equatable {
    var state = RuleMachine.State.inactive
    var since = 0
    var flips: [Int] = []
    var unknownSince: Int?

    mutating func enter(_ new: RuleMachine.State, _ now: Int) {
      if new != state { (state, since) = (new, now) }
    }
  }

  private func stepped(_ old: Machine, _ results: Results, _ now: Int) -> Machine {
    var machine = old
    switch old.state {
    case .suspended:
      if now - (old.flips.last ?? 0) > flipSpan {
        machine.flips = []
        machine.enter(.inactive, now)
      }
    case .inactive, .pending:
      guard results.when == true, results.until != true else {
        machine.enter(.inactive, now)
        break
      }
      machine.enter(.pending, now)
      if now - machine.since >= holdsFor {
        machine.unknownSince = results.until == nil ? now : nil
        machine.flips.append(now)
        machine.enter(.active, now)
      }
    case .active, .releasing:
      machine.unknownSince = results.until == nil ? old.unknownSince ?? now : nil
      let isHeld = isHolding && machine.unknownSince.map { now - $0 < holdFor } == true
      guard results.until == true || results.until == nil && !isHeld else {
        machine.enter(.active, now)
        break
      }
      machine.enter(.releasing, now)
      if now - machine.since >= releasesFor {
        machine.flips.append(now)
        machine.enter(.inactive, now)
      }
    }
    machine.flips.removeAll { now - $0 > flipSpan }
    if machine.state == .inactive, machine.flips.count >= flipCount { machine.enter(.suspended, now) }
    return machine
  }

  /// All changes of its state.
  func steps(_ results: [Results]) -> [Step] {
    var machine = Machine()
    var steps: [Step] = []
    var before: Results?
    // What would go on at once waits for a second, unless something changes.
    var rests = 0
    for now in results.indices where now >= rests || results[now] != before {
      let old = machine.state
      machine = stepped(machine, results[now], now)
      rests = stepped(machine, results[now], now).state != machine.state ? now + 1000 : 0
      before = results[now]
      if machine.state != old { steps.append(Step(time: now, state: machine.state)) }
    }
    return steps
  }
}
