// SPDX-License-Identifier: Apache-2.0

import Journal
import Platform

/// A world as its seed has it: hosts, networks, and how much goes wrong.
package struct Scenario {
  struct Network {
    /// The shortest time on the way, and how much longer it may take, in nanoseconds.
    var delay: Int64
    var jitter: Int64
    /// Whether a switch snoops IGMP without a querier: it forgets members.
    var isSnooping: Bool
  }

  struct HostPlan {
    /// Of its heartbeats, in nanoseconds.
    var interval: Int64
    var boot: Int64
    var drift: Int64
    /// The network of each of its interfaces.
    var networks: [Int]
    /// Datagrams that find room in its socket.
    var socketLimit: Int
    /// How late it is scheduled at most, in nanoseconds; 0 where it reads at once.
    var latency: Int64
    var log: LogPolicy
    /// `peers.max`.
    var capacity: Int
    /// Ports whose addresses are its `peers.expected`.
    var expected: [Int]
    var keepsFiles: Bool
  }

  package let seed: UInt64
  /// Simulated nanoseconds.
  package let duration: Int64
  let group: Endpoint
  var networks: [Network] = []
  var hosts: [HostPlan] = []
  /// From one fault to the next, on average, in nanoseconds; nil for none.
  var faultGap: Int64?
  /// The kinds of faults that happen.
  var faults: [Fault.Kind] = []

  /// - Parameters:
  ///   - hosts: How many; nil for the seed's choice.
  ///   - isCalm: Whether nothing goes wrong, and all hosts are alike: to measure the simulation by.
  package init(seed: UInt64, duration: Int64, hosts count: Int? = nil, isCalm: Bool = false) {
    self.seed = seed
    self.duration = duration
    var random = Random(seed: seed)
    let isIPv6 = random.chance(0.25)
    group =
      isIPv6
      ? Endpoint(IPAddress(family: .ipv6, high: 0xff15 << 48, low: 1), port: 5001)
      : Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
    let chosen = random.pick([2, 3, 5, 8, 13, 20])
    let hostCount = max(1, count ?? chosen)
    for _ in 0..<random.pick([1, 1, 2]) {
      networks.append(
        Network(
          delay: random.between(20_000, 400_000), jitter: random.between(10_000, 3_000_000),
          isSnooping: random.chance(0.15)))
    }
    for _ in 0..<hostCount { hosts.append(Self.host(&random, networks: networks.count)) }
    guard !isCalm else {
      calm()
      return
    }
    planExpected(&random)
    faultGap = random.pick([2, 10, 10, 60, 300]) * 1_000_000_000
    // A few kinds a seed: some faults would hide others.
    let all = Fault.Kind.allCases
    faults = (0..<random.pick([2, 4, 8, 16])).map { _ in random.pick(all) }
  }

  private mutating func calm() {
    networks = [networks[0]]
    networks[0].isSnooping = false
    for host in hosts.indices {
      hosts[host].networks = [0]
      hosts[host].interval = .seconds(1)
      (hosts[host].latency, hosts[host].log) = (0, .nothing)
    }
  }

  private static func host(_ random: inout Random, networks: Int) -> HostPlan {
    let quick: [Int64] = [1000, 1000, 1000, 1000, 1000, 1000, 1000, 500, 2000, 5000, 200, 10_000, 60_000]
    let placement: [Int]
    if networks == 1 {
      placement = random.chance(0.1) ? [0, 0] : [0]
    } else {
      placement = random.pick([[0], [1], [0, 1]])
    }
    return HostPlan(
      interval: .milliseconds(random.pick(quick)), boot: random.between(0, .seconds(1_000_000)),
      drift: random.between(-200, 200), networks: placement,
      socketLimit: random.pick([64, 256, 1024, 4096]),
      latency: random.chance(0.2) ? random.between(20_000, 5_000_000) : 0,
      log: random.pick([.nothing, .nothing, .nothing, .everything, .limited]),
      capacity: random.pick([4096, 4096, 4096, 256]), expected: [], keepsFiles: random.chance(0.5))
  }

  private mutating func planExpected(_ random: inout Random) {
    let ports = hosts.reduce(0) { $0 + $1.networks.count }
    for host in hosts.indices where random.chance(0.2) {
      hosts[host].expected = (0..<random.below(4)).map { _ in random.below(ports) }
    }
  }
}

extension LogPolicy {
  fileprivate static var nothing: LogPolicy {
    LogPolicy(
      rate: 0, burst: 1, queue: 1 << 16, leavesOutAll: true, leavesOutOwn: true, leavesOutOthers: true)
  }
  fileprivate static var everything: LogPolicy {
    LogPolicy(
      rate: 0, burst: 1, queue: 1 << 16, leavesOutAll: false, leavesOutOwn: false, leavesOutOthers: false)
  }
  fileprivate static var limited: LogPolicy {
    LogPolicy(
      rate: 5, burst: 20, queue: 1 << 15, leavesOutAll: false, leavesOutOwn: true, leavesOutOthers: false)
  }
}
