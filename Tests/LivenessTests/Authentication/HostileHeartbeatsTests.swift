// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness

/// Hostile datagrams by the hundred thousand against the gate, with true ones among them; a million with
/// MCASTD_LONG_TESTS=1.
struct HostileHeartbeatsTests {
  private static let mac = "k hmac-sha256 \(SealedSender.secrets[0])\n"
  private static let seed = "s ed25519 \(SealedSender.secrets[1])\n"
  /// Other keys by the same names.
  private static let wrong =
    "k hmac-sha256 \(SealedSender.secrets[2])\ns ed25519 \(SealedSender.secrets[2])\n"

  private static let isLong = getenv("MCASTD_LONG_TESTS").map { String(cString: $0) } == "1"

  private static func network(_ random: SeededRandom) throws -> HostileNetwork {
    try HostileNetwork(
      keys: mac + seed, hosts: [("alpha", mac, false), ("beta", mac, false), ("gamma", mac + seed, true)],
      random: random)
  }

  @Test("none of them is accepted, and all true ones are, through loss, restarts of both sides and steps")
  func calm() throws {
    var random = SeededRandom(testSeed: 31)
    var network = try Self.network(random)
    try Self.attack(&network, &random) { network, random in
      let host = random.below(3)
      // The first heartbeat of a run is accepted only where the clocks agree: `ClockStepTests`.
      if network.isSettled {
        if random.below(200) == 0 { network.stepClock(of: nil) }
        if random.below(200) == 0 { network.stepClock(of: host) }
      }
      if random.below(200) == 0 { network.restartReceiver(isExact: true) }
      if random.below(200) == 0, network.clocksAgree(host) { network.restartSender(host, arrives: true) }
    }
    #expect(network.faults == [] && network.count.refused == [:])
    let underway = network.hosts.reduce(0) { $0 + $1.delayed.count }
    #expect(network.count.accepted == network.count.sent - network.count.lost - underway)
    #expect(network.count.accepted > network.count.sent * 6 / 10)
  }

  @Test(
    "none is accepted where both sides crash, pause and have wrong clocks either, and all heals with those")
  func harsh() throws {
    var random = SeededRandom(testSeed: 32)
    var network = try Self.network(random)
    try Self.attack(&network, &random) { network, random in
      let host = random.below(3)
      switch random.below(400) {
      case 0: network.stepClock(of: nil)
      case 1: network.stepClock(of: host)
      case 2: network.setClocksRight()
      case 3: network.restartReceiver(isExact: true)
      case 4, 5: network.restartReceiver(isExact: false)
      case 6: network.restartSender(host, arrives: false)
      case 7: network.pause(30 + random.below(60))
      case 8..<40: network.store()
      default: break
      }
    }
    #expect(network.faults == [])
    // Each reason by which a true one may be refused came about.
    #expect(Set(network.count.refused.keys) == [.notFresh, .repeated, .earlierRun])
    network.setClocksRight()
    for _ in 0..<1000 { network.step() }
    let before = network.count.refused
    for _ in 0..<1000 { network.step() }
    #expect(network.faults == [] && network.count.refused == before)
  }

  /// Steps with hostile datagrams until they are enough.
  ///
  /// - Parameter fault: Is called after each step.
  private static func attack(
    _ network: inout HostileNetwork, _ random: inout SeededRandom,
    _ fault: (inout HostileNetwork, inout SeededRandom) -> Void
  ) throws {
    var forgers = try network.hosts.map { host in
      try Forger(
        keys: mac + seed, wrong: wrong, host: host.sender.host, random: SeededRandom(seed: random.next()))
    }
    let enough = isLong ? 1_000_000 : 100_000
    var (forged, repeated) = (0, 0)
    while forged + repeated < enough, network.faults.isEmpty {
      network.step { network, beat in
        for attack in Forger.Attack.allCases {
          let other = network.anyRecorded(using: &random) ?? beat
          guard let made = forgers[beat.host].forge(attack, beat, other, clock: beat.clock) else { continue }
          network.attack(made, "\(attack)")
          forged += 1
        }
      }
      // Those that may still be on their way are no repetition.
      for _ in 0..<9 {
        guard let beat = network.anyRecorded(using: &random), !network.expects(beat) else {
          continue
        }
        network.attack(beat.payload, "a repetition")
        repeated += 1
      }
      fault(&network, &random)
    }
    print("\(forged) forged, \(repeated) repeated; true ones: \(network.count)")
  }
}
