// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import TestSupport

/// A world of readings as its seed has it: hosts, what they say and how often, and how much goes wrong.
package struct ReadingsScenario {
  /// What is the matter with a world.
  enum Kind: String, CaseIterable {
    /// Each link loses a share of all datagrams, independently, and nothing else goes wrong.
    case lossy
    /// Networks, hosts and clocks have faults.
    case faulty
    /// The same, with keys, and somebody forges and repeats heartbeats.
    case authentic
    /// Without keys: somebody forges, repeats, floods, or uses a host's name.
    case hostile
    /// All hosts see the same at the same time.
    case powerCut
    /// All hosts have the same rule over a few of them.
    case fleet
  }

  struct Network {
    /// The shortest time on the way, and how much longer it may take, in nanoseconds.
    var delay: Int64
    var jitter: Int64
  }

  /// What a host says, and how often that changes.
  struct Habits {
    enum Pace: CaseIterable {
      /// A change every some seconds, several a second, tens of them at once, and numbers of sensors only.
      case quiet, busy, bursts, sensor
    }

    var pace: Pace
    /// How many keys it has, of which it says some.
    var keys: Int
    /// Whether a reading counts the changes, so that no two states are alike.
    var counts: Bool
  }

  struct HostPlan {
    var name: HostName
    var habits: Habits
    /// Of its heartbeats, in nanoseconds.
    var interval: Int64
    var boot: Int64
    var drift: Int64
    /// The network of each of its interfaces.
    var networks: [Int]
    var listens = true
    /// Datagrams that find room in its socket.
    var socketLimit: Int
    /// How late it is scheduled at most, and what it takes for a datagram, in nanoseconds.
    var latency: Int64
    var cost: Int64 = 0
    /// How far its CLOCK_REALTIME is ahead, in nanoseconds.
    var clockError: Int64 = 0
  }

  package let seed: UInt64
  let kind: Kind
  var networks: [Network] = []
  var hosts: [HostPlan] = []
  /// When faults and changes end, in simulated nanoseconds.
  var calmFrom: Int64
  /// Of each link, in a world that is lossy.
  var loss = 0.0
  var mode = AuthenticationMode.off
  /// `peers.max`.
  var capacity = 4096
  /// From one fault to the next, on average, in nanoseconds; nil for none.
  var faultGap: Int64?
  var faults: [ReadingsFault.Kind] = []
  /// Nil where hosts have no rule.
  var fleet: FleetPlan?

  /// Of a fleet, without anything yet.
  init(fleet seed: UInt64, calmFrom: Int64) { (self.seed, kind, self.calmFrom) = (seed, .fleet, calmFrom) }

  /// - Parameter hosts: How many; nil for the seed's choice.
  package init(seed: UInt64, hosts count: Int? = nil) {
    self.seed = seed
    var random = Random(seed: seed ^ 0x7265_6164_696e_6773)
    kind = random.pick([.lossy, .faulty, .faulty, .faulty, .authentic, .authentic, .hostile])
    calmFrom = .seconds(random.between(10, 24))
    // What was recorded in one network and is sent in another is new there while it is of now, and so is a
    // run that ended within that time.
    let isOneNetwork = kind == .lossy || kind == .authentic
    for _ in 0..<(isOneNetwork ? 1 : random.pick([1, 1, 2])) {
      networks.append(
        Network(delay: random.between(20_000, 400_000), jitter: random.between(10_000, 1_000_000)))
    }
    let chosen = random.pick([2, 3, 3, 4, 5, 8])
    for number in 0..<max(2, count ?? chosen) { hosts.append(plan(number, &random)) }
    if kind == .lossy { planLoss(&random) } else { planFaults(&random) }
  }

  private func plan(_ number: Int, _ random: inout Random) -> HostPlan {
    let placement = networks.count == 1 ? [0] : random.pick([[0], [1], [0, 1], [0, 1]])
    let intervals: [Int64] = [1000, 1000, 1000, 500, 200, 2000, 3000]
    let habits = Habits(
      pace: random.pick([.quiet, .quiet, .busy, .bursts, .sensor]), keys: random.pick([1, 3, 3, 8, 8, 70]),
      counts: random.chance(0.8))
    return HostPlan(
      name: Self.name(number), habits: habits,
      interval: .milliseconds(random.pick(intervals)), boot: random.between(0, .seconds(1_000_000)),
      drift: random.between(-100, 100), networks: placement,
      socketLimit: random.pick([256, 4096]),
      latency: random.chance(0.2) ? random.between(20_000, 3_000_000) : 0)
  }

  private static func name(_ number: Int) -> HostName { "host\(number)" }

  private mutating func planLoss(_ random: inout Random) {
    loss = random.pick(Self.losses)
    networks[0].jitter = min(networks[0].jitter, 300_000)
    for host in hosts.indices {
      hosts[host].interval = .seconds(1)
      hosts[host].habits = Habits(pace: .quiet, keys: 3, counts: true)
      (hosts[host].latency, hosts[host].socketLimit) = (0, 4096)
    }
  }

  static let losses = [0.1, 0.3, 0.5, 0.6]

  private mutating func planFaults(_ random: inout Random) {
    faultGap = random.pick([1, 2, 5]) * 1_000_000_000
    var all = ReadingsFault.Kind.ofNetworkAndHosts
    switch kind {
    case .authentic:
      mode = random.pick([.require, .sign])
      // What is not of now by its clock is not authentic.
      all = all.filter { !$0.stepsClocks } + ReadingsFault.Kind.ofOthers + [.forger, .replayer]
    case .hostile:
      all = ReadingsFault.Kind.ofOthers + [.forger, .replayer, .flood, .loss, .kill]
      if random.chance(0.4) { hosts[1].name = hosts[0].name }
      capacity = random.pick([4096, 64])
    case .lossy, .faulty, .powerCut, .fleet: break
    }
    // A few kinds a seed: some faults would hide others.
    faults = (0..<random.pick([1, 3, 6])).map { _ in random.pick(all) }
    if kind == .authentic || kind == .hostile { faults.append(random.pick(ReadingsFault.Kind.ofOthers)) }
  }

  /// All hosts say at once that mains are out.
  ///
  /// - Parameters:
  ///   - listeners: How many of them receive.
  ///   - socketLimit: Datagrams that find room in the socket of each.
  static func powerCut(seed: UInt64, hosts count: Int, listeners: Int, socketLimit: Int) -> ReadingsScenario {
    ReadingsScenario(powerCut: seed, hosts: count, listeners: listeners, socketLimit: socketLimit)
  }

  private init(powerCut seed: UInt64, hosts count: Int, listeners: Int, socketLimit: Int) {
    self.seed = seed
    kind = .powerCut
    calmFrom = .seconds(6)
    networks = [Network(delay: 50_000, jitter: 100_000)]
    var random = Random(seed: seed ^ 0x706f_7765_7220_6375)
    for number in 0..<count {
      hosts.append(
        HostPlan(
          name: Self.name(number),
          habits: Habits(pace: .quiet, keys: 3, counts: false), interval: .seconds(1),
          boot: random.between(0, .seconds(1_000_000)), drift: random.between(-100, 100), networks: [0],
          listens: number < listeners, socketLimit: socketLimit, latency: 0, cost: 6000))
    }
  }

  /// When a run is over: what is true of every host by then is what it says. A beat may have to be missed
  /// five times and more until a sender is believed that began anew in the past.
  package var end: Int64 {
    let changed = faults.contains(.interval) ? ReadingsFault.intervals : []
    let longest = (hosts.map(\.interval) + changed).max() ?? 0
    return switch kind {
    case .lossy, .powerCut: calmFrom + .seconds(4)
    // Who says that he beats slowly is waited for.
    case .hostile: calmFrom + 8 * longest + .seconds(65)
    case .faulty, .authentic: calmFrom + 8 * longest + .seconds(8)
    case .fleet: calmFrom + max(6 * longest, fleet?.rule.fresh ?? 0) + .seconds(3)
    }
  }

  /// The longest that a datagram of a host may be on its way, in nanoseconds.
  var longestDelay: Int64 {
    let network = networks.map { $0.delay + $0.jitter }.max() ?? 0
    return kind == .lossy || kind == .powerCut ? network : network + ReadingsFault.longestDelay
  }
}
