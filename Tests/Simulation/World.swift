// SPDX-License-Identifier: Apache-2.0

import Platform

/// Hosts, their daemons and the networks between them, in simulated time: one seed, one run. Everything that
/// happens is an entry of one timeline.
///
/// Times are simulated nanoseconds unless said otherwise.
package final class World {
  package let scenario: Scenario
  package private(set) var now: Int64 = 0
  var timeline = Timeline()
  /// For networks and hosts, and for what goes wrong: so that a fault changes no delay before it.
  var random: Random
  var chance: Random
  var trace = Trace()
  private(set) var hosts: [Host] = []
  var ports: [Port] = []
  /// The ports of each network.
  private(set) var networks: [[Int]]
  var paths: Paths
  let pool = DatagramPool()
  var faults: [Fault] = []
  /// Whether peers may be in tables that the oracle knows nothing of.
  var hasStrangers = false
  private(set) var oracle: Oracle!
  package private(set) var violation: Violation<Invariant>?
  package private(set) var deliveries = 0

  package init(_ scenario: Scenario) {
    self.scenario = scenario
    random = Random(seed: scenario.seed ^ 0x6e65_7477_6f72_6b73)
    chance = Random(seed: scenario.seed ^ 0x6661_756c_7473_0000)
    networks = Array(repeating: [], count: scenario.networks.count)
    for (number, plan) in scenario.hosts.enumerated() {
      let first = ports.count
      for (place, network) in plan.networks.enumerated() {
        networks[network].append(ports.count)
        ports.append(
          Port(
            host: number, number: place, network: network, name: "eth\(place)",
            address: Self.address(ports.count, scenario.group.address.family), index: UInt32(2 + place)))
      }
      hosts.append(Host(number: number, plan: plan, ports: first..<ports.count))
    }
    paths = Paths(ports: ports.count)
    oracle = Oracle(of: self)
    for host in hosts {
      timeline.add(.start, at: random.between(0, .seconds(3)), host: host.number, a: Start.boot)
      timeline.add(.audit, at: .seconds(60) + Int64(host.number), host: host.number)
    }
    if let gap = scenario.faultGap { timeline.add(.faultBegins, at: .seconds(20) + gap / 2, host: -1) }
  }

  private static func address(_ port: Int, _ family: AddressFamily) -> IPAddress {
    switch family {
    case .ipv4: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001 + UInt64(port))
    case .ipv6: IPAddress(family: .ipv6, high: 0xfe80 << 48, low: 0x10 + UInt64(port))
    }
  }

  // MARK: Running

  /// Goes on until a time, or until an invariant does not hold.
  package func run(until end: Int64) {
    while violation == nil, let moment = timeline.next(until: end) {
      now = moment.time
      happen(moment)
    }
    if violation == nil { now = max(now, end) }
  }

  /// All of the scenario.
  package func run() { run(until: scenario.duration) }

  private func happen(_ moment: Moment) {
    let host = Int(moment.host)
    switch moment.occasion {
    case .arrival:
      let port = moment.b < 0 ? -1 - Int(moment.b) : Int(moment.b)
      arrive(Int(moment.a), at: port, isCopy: moment.b < 0)
    case .start: start(hosts[host], Start(moment.a))
    case .faultBegins: beginFault()
    case .faultEnds: endFault(Int(moment.a))
    case .forgery: forge(Int(moment.a))
    case .audit: audit(hosts[host])
    case .crash: crash(hosts[host], generation: Int(moment.a))
    case .beat, .housekeeping, .deadline, .wake, .reconcile, .checkpoint: run(moment, on: hosts[host])
    }
  }

  /// What a process does, unless it is gone; later while it is stopped.
  private func run(_ moment: Moment, on host: Host) {
    guard let process = host.process, process.generation == Int(moment.a) else { return }
    guard host.stalledUntil <= now || moment.occasion == .checkpoint else {
      return timeline.add(moment.occasion, at: host.stalledUntil, host: host.number, a: process.generation)
    }
    switch moment.occasion {
    case .beat: beat(process, of: host)
    case .housekeeping: housekeep(process, of: host)
    case .deadline: judgeAtDeadline(process, of: host)
    case .wake: wake(process, of: host)
    case .reconcile: reconcile(process, of: host)
    case .checkpoint: saveCheckpoint(process, of: host, isComplete: false)
    case .arrival, .start, .faultBegins, .faultEnds, .forgery, .audit, .crash: break
    }
  }

  package var hostCount: Int { hosts.count }

  func countDelivery() { deliveries += 1 }

  // MARK: Invariants

  /// An invariant does not hold: the run ends here.
  func fail(_ invariant: Invariant, host: Int, _ text: @autoclosure () -> String) {
    guard violation == nil else { return }
    violation = Violation(invariant: invariant, time: now, host: host, text: text())
  }

  /// Digest of all that happened.
  package var digest: UInt64 { trace.digest }
  package var happened: Int { trace.count }

  /// The last lines of the trace.
  package var lastLines: [String] { trace.last.map(\.description) }

  /// Prints every line of the trace from here on.
  package func show(_ print: @escaping (String) -> Void) { trace.show = { print($0.description) } }
}
