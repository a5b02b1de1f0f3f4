// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Monitor
@testable import Platform

/// Who takes a snapshot and follows the events has at every moment the table that was told, and one that is
/// right once nothing more happens.
struct FollowerTests {
  private static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  /// A table of peers by address and interface; no interface for an expected peer that was never heard.
  private struct Table: Equatable {
    var states: [String: PeerState] = [:]

    init(of monitor: Monitor, _ state: (PeerReport<PeerID>) -> PeerState?) {
      let liveness = monitor.liveness
      liveness.interfaces.forEachPeer { peer in
        states["\(peer.id.subject) \(liveness.names.name(of: peer.id.interface))"] = state(peer)
      }
      for subject in liveness.expected.subjects {
        states["\(subject)"] = liveness.expected.state(of: subject)
      }
    }

    mutating func apply(_ directives: [Directive]) {
      for case .tell(.peer(let change, _)) in directives { apply(change) }
    }

    private mutating func apply(_ change: PeerChange) {
      switch change {
      case .one(let event, _, let interface):
        let key = "\(event.id.subject) \(interface)"
        switch event {
        case .discovered, .back, .returned, .known: states[key] = .alive
        case .silent: states[key] = .silent
        case .left: states[key] = .left
        case .contested: break
        case .unknown: states[key] = .unknown
        case .forgotten, .evicted: states[key] = nil
        case .networkSilent, .networkHeard: break
        }
      case .expected(let peers): for (address, state) in peers { states["\(address)"] = state }
      case .neverHeard(let addresses, _): for address in addresses { states["\(address)"] = .silent }
      case .removed(let peers): for (id, name) in peers { states["\(id.subject) \(name)"] = nil }
      case .several, .suppressed: break
      }
    }
  }

  @Test("a table that follows the events is the one that was told, whatever happens")
  func follows() {
    let seed = SeededRandom.seed(default: 0x666f_6c6c)
    var random = SeededRandom(seed: seed)
    for _ in 0..<20 {
      var configuration = Monitor.Configuration.listening(to: Self.group)
      configuration.capacity = 12
      configuration.expected = [.address(.host(1)), .name("host2")]
      var monitor = Monitor.joined(configuration)
      _ = monitor.number(of: "eth1")
      _ = monitor.handle(.joined(.init(interfaces: [0, 1], withoutCarrier: [], awaited: nil)), at: 0)
      var follower = Table(of: monitor, \.told)
      var isPresent = [true, true]
      for time in 1...400 as ClosedRange<Int64> {
        let now = time * second
        _ = monitor.handle(.reading(realtime: now), at: now)
        // Some hosts are gone half of the time, and forged ones come and go.
        for host in 1...20 as ClosedRange<UInt64> {
          let isThere = host < 8 ? (time / 40 + Int64(host)) % 3 != 0 : random.chance(0.1)
          guard isThere, !random.chance(0.05) else { continue }
          var beat = Monitor.Datagram.beat(from: .host(host), at: now)
          // Some have names, and some leave now and then.
          var said = Announcement()
          if host % 3 == 2 {
            (said.host, said.run, said.sequence) = ("host\(host)", 1, UInt64(time))
          }
          said.isGoodbye = random.chance(0.02)
          beat.outline?.said = said
          beat.interface = Int32(random.below(2))
          guard isPresent[Int(beat.interface)] else { continue }
          _ = monitor.handle(.datagram(beat), at: now)
        }
        _ = monitor.handle(.read(.init(count: 20, isLast: true, stamp: now)), at: now)
        if random.chance(0.02) { _ = monitor.handle(.drops(random.below(30)), at: now) }
        if random.chance(0.05) {
          isPresent[random.below(2)].toggle()
          let interfaces = Set([0, 1].filter { isPresent[Int($0)] } as [Int32])
          let awaited: Set<String>? = random.chance(0.5) ? nil : ["eth0"]
          follower.apply(
            monitor.handle(
              .joined(.init(interfaces: interfaces, withoutCarrier: [], awaited: awaited)), at: now))
        }
        if random.chance(0.02) {
          configuration.expected = (1...4).filter { _ in random.chance(0.5) }.map {
            $0 > 2 ? .address(.host($0)) : .name("host\($0)")
          }
          configuration.sources = random.chance(0.2) ? [.host(1), .host(3)] : []
          follower.apply(monitor.handle(.configured(configuration), at: now))
        }
        follower.apply(monitor.handle(.tick(zoneOffset: 0), at: now))
        let told = Table(of: monitor, \.told)
        #expect(follower == told, "seed \(seed), \(time) s")
        guard follower == told else { return }
      }
      // Nothing more happens: what was told is so. Late is no event, and a random pace makes late for long.
      for time in 401...440 as ClosedRange<Int64> { follower.apply(monitor.judge(at: time)) }
      #expect(follower == Table(of: monitor) { $0.state == .late ? .alive : $0.state }, "seed \(seed)")
    }
  }
}
