// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform
import TestSupport
import Testing

@testable import Rules
@testable import Simulation

/// Unknown makes nothing so. Seeds that fail are named; each is a run.
struct UnknownPropertyTests {
  private static let hosts: [HostName] = ["ups1", "ups2", "ups3", "rack1", "rack2"]
  private static let values = [
    "ups.status": ["OB", "OL", "OB DISCHRG", "OL CHRG", "5"],
    "temp.inlet": ["22C", "25C", "30C", "25V", "hot"],
  ]

  /// What `when` and `until` are where hosts said this.
  private static func results(_ rule: Rule, _ said: [HostName: [String: String]], silent: Set<HostName>) -> (
    when: Ternary, until: Ternary
  ) {
    let now = Int64.seconds(100)
    var heard = HeardRules([rule], own: "rack9", at: now)
    for (host, values) in said.sorted(by: { "\($0.key)" < "\($1.key)" }) {
      var sender = ReadingsSender(host)
      for (key, value) in values { sender.say(key, value) }
      sender.say("x.x", "1")
      heard.hear(sender.beat(), proof: .signed, at: silent.contains(host) ? now : now + .seconds(10))
    }
    heard.advance(through: now + .seconds(10))
    return heard.book.entries[0].results(drills: false)
  }

  @Test("no test becomes so, or ceases to be so, because a reading becomes unknown")
  func unknown() throws {
    for seed in seeds(1500) {
      var random = SeededRandom(seed: 0x16 << 32 | seed)
      let text = RuleScenario(seed: seed).rules[0]
      var rule = try RuleScenario.rule(text)
      // Whether hosts are there is given otherwise.
      guard rule.conditions.allSatisfy({ $0.test.subject != .peer }) else { continue }
      rule.terms.fresh = nil
      var said: [HostName: [String: String]] = [:]
      for host in Self.hosts where random.chance(0.9) {
        for (key, values) in Self.values.sorted(by: { $0.key < $1.key }) where random.chance(0.9) {
          said[host, default: [:]][key] = values[random.below(values.count)]
        }
      }
      let known = Self.results(rule, said, silent: [])
      for _ in 0..<4 {
        var (less, silent) = (said, Set<HostName>())
        for (host, values) in said.sorted(by: { "\($0.key)" < "\($1.key)" }) {
          if random.chance(0.2) { silent.insert(host) }
          for key in values.keys.sorted() where random.chance(0.3) {
            less[host]?[key] = random.chance(0.5) ? "?" : nil
          }
        }
        let results = Self.results(rule, less, silent: silent)
        #expect(
          results.when == .perhaps || results.when == known.when, "seed \(seed): when \(text) \(said) \(less)"
        )
        #expect(results.until == .perhaps || results.until == known.until, "seed \(seed): until \(text)")
      }
    }
  }
}

/// Hosts decide alone, and alike. Seeds that fail are named; each is a run.
struct AgreementPropertyTests {
  /// Three hosts of a rule, which lose different datagrams until a second, and none from then on.
  @Test("after the last loss all hosts with a rule agree within `fresh`")
  func losses() throws {
    for seed in seeds(60) {
      var random = SeededRandom(seed: 0x17 << 32 | seed)
      let scenario = RuleScenario(seed: seed)
      var rule = try RuleScenario.rule(scenario.rules[0])
      guard rule.conditions.allSatisfy({ $0.test.subject != .peer && $0.hosts != .own }) else { continue }
      // Where an end is told from no beginning, and flips are counted, what was lost may matter for ever.
      rule.until = []
      rule.flipLimit.count = 1000
      rule.terms.fresh = .seconds(Int64(1 + random.below(6)))
      let fresh = try #require(rule.terms.fresh)
      var hosts = (0..<3).map { _ in HeardRules([rule], own: "me", at: 0) }
      var senders = ["ups1", "ups2", "ups3", "rack1", "rack2"].map { ReadingsSender($0) }
      let lastLoss = Int64.seconds(30)
      let later = rule.holdsFor + rule.releasesFor + rule.holdFor
      let end = lastLoss + fresh + later + .seconds(10)
      var time: Int64 = 0
      while time <= end {
        let place = random.below(senders.count)
        if time < lastLoss || senders[place].saysNothing {
          senders[place].say("ups.status", ["OB", "OL", "OB DISCHRG"][random.below(3)])
          senders[place].say("temp.inlet", ["22C", "25C", "30C"][random.below(3)])
        }
        for sender in senders.indices where !senders[sender].saysNothing {
          let payload = senders[sender].beat()
          for host in hosts.indices where time > lastLoss || random.chance(0.4) {
            hosts[host].hear(payload, proof: .signed, at: time + Int64(sender))
          }
        }
        for host in hosts.indices { hosts[host].advance(through: time + .milliseconds(500)) }
        if time > lastLoss + fresh {
          let found = hosts.map { $0.book.entries[0].results(drills: false) }
          #expect(found.allSatisfy { $0 == found[0] }, "seed \(seed) at \(time)")
        }
        // Each waits for as long as the rule says from when it knows.
        if time > lastLoss + fresh + later + .seconds(2) {
          let states = Set(hosts.map { $0.book.entries[0].machine.state })
          #expect(states.count == 1, "seed \(seed) at \(time): \(states) of \(rule.conditions.map(\.text))")
        }
        time += .seconds(1)
      }
    }
  }
}
