// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// What a fleet has beside what every world of readings has.
struct FleetPlan {
  var rule: FleetRule
  /// When mains go out and come back, one after the other, in simulated nanoseconds.
  var power: [Int64] = []
  /// From when on racks are about so warm, in degrees.
  var heat: [(time: Int64, degrees: Double)] = [(0, 22)]

  func isPowerOut(at time: Int64) -> Bool { !power.count { $0 <= time }.isMultiple(of: 2) }
  func degrees(at time: Int64) -> Double { heat.last { $0.time <= time }?.degrees ?? 22 }
}

extension ReadingsScenario {
  package static let hostsOfFleet = 50

  /// Hosts that all have the same rule over a few of them.
  ///
  /// - Parameter count: How many; nil for the seed's choice.
  package init(fleet seed: UInt64, hosts count: Int? = nil) {
    var random = Random(seed: seed ^ 0x666c_6565_7400_0000)
    var plan = FleetPlan(rule: FleetRule(&random))
    self.init(fleet: seed, calmFrom: .seconds(random.between(40, 90)))
    mode = random.pick([.require, .require, .require, .require, .sign, .off])
    plan.rule.isAuthenticated = mode != .off
    networks = [Network(delay: random.between(20_000, 400_000), jitter: random.between(10_000, 1_000_000))]
    let drawn = random.pick([50, 50, 50, 50, 20, 35, 64])
    let members = plan.rule.members
    let interval = random.pick([1000, 1000, 1000, 500, 2000])
    for number in 0..<max(members.count + 1, count ?? drawn) {
      let isMember = number < members.count
      hosts.append(
        HostPlan(
          name: isMember ? members[number] : "host\(number)",
          habits: Habits(pace: .quiet, keys: 0, counts: false),
          interval: .milliseconds(isMember ? Int64(interval) : random.between(1000, 6000)),
          boot: random.between(0, .seconds(1_000_000)), drift: random.between(-100, 100), networks: [0],
          socketLimit: 4096, latency: random.chance(0.2) ? random.between(20_000, 3_000_000) : 0))
      // Clocks that are right by as much as is allowed between two of them.
      hosts[number].clockError = random.between(-2_400_000_000, 2_400_000_000)
    }
    if random.chance(0.2) {
      hosts[members.count].name = random.pick(members)
      hosts[members.count].interval = .milliseconds(Int64(interval))
    }
    planEvents(&plan, &random)
    fleet = plan
    planFleetFaults(&random)
  }

  private func planEvents(_ plan: inout FleetPlan, _ random: inout Random) {
    var time: Int64 = .seconds(random.between(4, 8))
    while time < calmFrom {
      let isFlapping = random.chance(0.3)
      let gap: Int64 = isFlapping ? .milliseconds(random.between(300, 6000)) : .seconds(random.between(4, 20))
      for _ in 0..<(isFlapping ? 6 : 1) {
        plan.power.append(time)
        time += gap
      }
    }
    time = 0
    while time < calmFrom {
      time += .seconds(random.between(5, 25))
      plan.heat.append((time, random.pick([18, 20, 20, 20, 22, 24, 26, 31])))
    }
  }

  private mutating func planFleetFaults(_ random: inout Random) {
    guard random.chance(0.9) else { return }
    faultGap = random.pick([300, 700, 1500, 4000]) * 1_000_000
    var all: [ReadingsFault.Kind] = [
      .loss, .bursts, .bursts, .duplicates, .reordering, .partition, .partition, .deafPort, .mutePort,
      .oneWay,
      .kill, .stop, .stop, .stall,
    ]
    // Where nothing has to be proved, everybody's word counts.
    if mode != .off { all += [.forger, .forger, .replayer, .replayer] }
    faults = (0..<random.pick([2, 4, 8, 14])).map { _ in random.pick(all) }
  }
}
