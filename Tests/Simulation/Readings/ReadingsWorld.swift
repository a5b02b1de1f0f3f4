// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Monitor
import Platform
import Rules

/// What is to happen in a world of readings.
enum ReadingsOccasion: UInt8, AgendaOccasion {
  /// A datagram, `a` of all that were sent, reaches port `b`.
  case arrival
  /// Something changes of what a host has to say.
  case change
  /// Of a process of generation `a`: a heartbeat is due, a copy of a change, the end of what was set for a
  /// time, and the second goodbye.
  case beat, copy, expiry, goodbye
  /// It reads what waits, judges at a deadline, or does what it does each second.
  case wake, deadline, tick
  /// A process begins.
  case start
  /// Fault number `a` begins, or ends; its forger sends.
  case faultBegins, faultEnds, forgery
  /// Faults and changes end.
  case calm
  /// It is counted who knows of change number `a`.
  case measure

  var isArrival: Bool { self == .arrival }
}

/// Hosts that say readings and hear those of others, and the networks between them, in simulated time: what
/// `World` is for heartbeats. One seed, one run.
///
/// Times are simulated nanoseconds unless said otherwise.
package final class ReadingsWorld {
  /// An interface of a host, on a network.
  struct Port {
    let host: Int
    /// Its number among those of the host, which is that of the interface in its monitor.
    let number: Int
    let network: Int
    let source: Endpoint
    var isUp = true
    var link = Link()
  }

  /// A datagram that was sent.
  struct Sent {
    enum Kind { case genuine, replayed, forged }

    var kind: Kind
    var payload: [UInt8]
    var source: Endpoint
    /// The host that sent it, or whose name it bears.
    var sender: Int
    /// Of the sender's book, and among all that it sent; -1 for a forged one.
    var version = -1
    var order = -1
    /// That it says, in nanoseconds.
    var interval: Int64
    var time: Int64
    /// When it was sent first, where somebody sends it again.
    var recorded: Int64?
    var isGoodbye = false
  }

  package let scenario: ReadingsScenario
  package internal(set) var now: Int64 = 0
  var agenda = Agenda<ReadingsOccasion>()
  /// For networks and hosts, for what goes wrong, and for what hosts say.
  var random: Random
  var chance: Random
  var choice: Random
  private(set) var hosts: [ReadingsHost] = []
  var ports: [Port] = []
  /// The ports of each network on which somebody listens.
  private(set) var ears: [[Int]]
  var paths: Paths
  var sent: [Sent] = []
  var faults: [ReadingsFault] = []
  /// Those who use each name.
  let senders: [HostName: [Int]]
  /// What each host said.
  var books: [SaidVersions]
  /// Names of which others said something, where nothing has to be proved.
  var tainted: Set<HostName> = []
  var losses = LossShare()
  var measures: [Measure] = []
  /// Of all hosts of a fleet; nil for none.
  let rules: [Rule]?
  package internal(set) var fleetCounts = FleetCounts()
  package private(set) var violation: Violation<ReadingsInvariant>?
  package internal(set) var deliveries = 0
  /// Of all that happened: two runs with the same digest were the same.
  package private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
  /// Gets a line for what happens, where that is wanted.
  package var show: ((String) -> Void)?

  package init(_ scenario: ReadingsScenario) {
    self.scenario = scenario
    rules = scenario.fleet.map { [$0.rule.rule] }
    random = Random(seed: scenario.seed ^ 0x6e65_7477_6f72_6b73)
    chance = Random(seed: scenario.seed ^ 0x6661_756c_7473_0000)
    choice = Random(seed: scenario.seed ^ 0x6368_616e_6765_7300)
    ears = Array(repeating: [], count: scenario.networks.count)
    books = Array(repeating: SaidVersions(), count: scenario.hosts.count)
    senders = Dictionary(grouping: scenario.hosts.indices) { scenario.hosts[$0].name }
    paths = Paths(ports: scenario.hosts.reduce(0) { $0 + $1.networks.count })
    for (number, plan) in scenario.hosts.enumerated() { add(plan, as: number) }
    agenda.add(.calm, at: scenario.calmFrom, host: -1)
    if let gap = scenario.faultGap { agenda.add(.faultBegins, at: .seconds(3) + gap / 2, host: -1) }
  }

  private func add(_ plan: ReadingsScenario.HostPlan, as number: Int) {
    let first = ports.count
    for (place, network) in plan.networks.enumerated() {
      if plan.listens { ears[network].append(ports.count) }
      let address = IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001 + UInt64(ports.count))
      var port = Port(host: number, number: place, network: network, source: Endpoint(address, port: 5001))
      port.link.loss = scenario.loss
      ports.append(port)
    }
    let host = ReadingsHost(number: number, plan: plan, ports: first..<ports.count)
    hosts.append(host)
    equip(host)
    agenda.add(.start, at: random.between(0, .seconds(1)), host: number)
    scheduleChange(of: host)
  }

  // MARK: Running

  /// All of the scenario, or until an invariant does not hold.
  package func run() {
    run(until: scenario.end)
    if violation == nil { checkAtTheEnd() }
  }

  func run(until end: Int64) {
    while violation == nil, let moment = agenda.next(until: end) {
      now = moment.time
      note(moment)
      happen(moment)
    }
    if violation == nil { now = end }
  }

  private func note(_ moment: AgendaMoment<ReadingsOccasion>) {
    mix(UInt64(bitPattern: moment.time) &+ UInt64(moment.occasion.rawValue) << 56)
    mix(UInt64(UInt32(bitPattern: moment.host)) << 32 | UInt64(UInt32(bitPattern: moment.a)))
  }

  func mix(_ word: UInt64) {
    let mixed = (digest ^ word) &* 0x9e37_79b9_7f4a_7c15
    digest = mixed ^ (mixed >> 29)
  }

  private func happen(_ moment: AgendaMoment<ReadingsOccasion>) {
    switch moment.occasion {
    case .arrival: arrive(Int(moment.a), at: Int(moment.b))
    case .change: change(hosts[Int(moment.host)])
    case .start: start(hosts[Int(moment.host)])
    case .faultBegins: beginFault()
    case .faultEnds: endFault(Int(moment.a))
    case .forgery: forge(Int(moment.a))
    case .calm: calm()
    case .measure: measure(measures[Int(moment.a)])
    case .beat, .copy, .expiry, .goodbye, .wake, .deadline, .tick: run(moment, on: hosts[Int(moment.host)])
    }
  }

  /// What a process does, unless it is gone; later while it is stopped.
  private func run(_ moment: AgendaMoment<ReadingsOccasion>, on host: ReadingsHost) {
    guard let process = host.process, process.generation == Int(moment.a) else { return }
    guard host.stalledUntil <= now else {
      return agenda.add(moment.occasion, at: host.stalledUntil, host: host.number, a: process.generation)
    }
    switch moment.occasion {
    case .beat: beat(process, of: host)
    case .copy: sendCopy(process, of: host)
    case .expiry: expire(process, of: host)
    case .goodbye: sayGoodbyeAgain(process, of: host)
    case .wake: wake(process, of: host)
    case .deadline: judgeAtDeadline(process, of: host)
    case .tick: tick(process, of: host)
    case .arrival, .change, .start, .faultBegins, .faultEnds, .forgery, .calm, .measure: break
    }
  }

  package var hostCount: Int { hosts.count }

  // MARK: What is to be seen

  /// An invariant does not hold: the run ends here.
  func fail(_ invariant: ReadingsInvariant, _ host: Int, _ text: @autoclosure () -> String) {
    guard violation == nil else { return }
    violation = Violation(invariant: invariant, time: now, host: host, text: text())
  }

  func trace(_ host: Int, _ text: @autoclosure () -> String) {
    guard let show else { return }
    let seconds = "\(Double(now / 1000) / 1e6)"
    show("\(String(repeating: " ", count: max(0, 10 - seconds.count)))\(seconds) host \(host) \(text())")
  }
}
