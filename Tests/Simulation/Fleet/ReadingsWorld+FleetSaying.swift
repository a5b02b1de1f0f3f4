// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

// What the hosts of a fleet say of mains and temperatures.
extension ReadingsWorld {
  /// How it is with what a host is told by its UPS or its sensor.
  enum Mood { case right, wrong, unknown, mute }

  private static let statusKey = ReadingKey(FleetRule.status)
  private static let temperatureKey = ReadingKey(FleetRule.temperature)

  /// The member of the rule that a host says to be; nil for one that the rule does not ask.
  func member(_ number: Int) -> Int? {
    scenario.fleet?.rule.members.firstIndex(of: scenario.hosts[number].name)
  }

  func equipFleet(_ host: ReadingsHost) {
    guard let plan = scenario.fleet, let member = member(host.number) else { return }
    if let key = member < plan.rule.ups.count ? Self.statusKey : Self.temperatureKey { host.keys = [key] }
    sayFleet(host, of: plan, member)
  }

  func changeFleet(_ host: ReadingsHost, _ plan: FleetPlan) {
    guard let member = member(host.number) else { return }
    if host.moodEnds <= now {
      host.mood = choice.pick([.right, .right, .right, .right, .right, .right, .wrong, .unknown, .mute])
      host.moodEnds = now + .milliseconds(choice.between(500, host.mood == .right ? 20_000 : 6000))
    }
    sayFleet(host, of: plan, member)
  }

  private func sayFleet(_ host: ReadingsHost, of plan: FleetPlan, _ member: Int) {
    guard let key = host.keys.first else { return }
    switch host.mood {
    case .mute: host.files[key] = nil
    case .unknown: host.files[key] = .unknown
    case .right, .wrong:
      let isWrong = host.mood == .wrong
      if member < plan.rule.ups.count {
        let words =
          plan.isPowerOut(at: now) != isWrong
          ? ["OB", "OB DISCHRG", "OB LB"] : ["OL", "OL CHRG", "OL BOOST"]
        host.files[key] = ReadingValue(choice.pick(words))
      } else {
        let degrees = plan.degrees(at: now) + Double(choice.between(-10, 10)) / 10 + (isWrong ? 6 : 0)
        host.files[key] = ReadingValue("\((degrees * 10).rounded() / 10)C")
      }
    }
  }
}
