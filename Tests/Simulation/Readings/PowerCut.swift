// SPDX-License-Identifier: Apache-2.0

import Platform

/// A power cut: all hosts of a group say within a millisecond that mains are out. Asks when those who hear it
/// know of all, and how many datagrams found no room in their sockets.
package struct PowerCut {
  /// Datagrams that a socket of a stock kernel holds (docs/FACTS.md), and one of 4 MiB (`receive-buffer`).
  package static let sockets = [256, 2560]
  package static let listeners = 5
  /// In nanoseconds.
  package static let knownWithin: Int64 = 100_000_000

  /// Of one listener.
  package struct Outcome: Sendable {
    /// Hosts of which it knew in time, and when it knew of the last, in nanoseconds after the first change;
    /// nil for never.
    package var known: Int
    package var last: Int64?
    /// Datagrams of the second after the change: that came, and that were dropped.
    package var came: Int
    package var dropped: Int
  }

  package let outcomes: [Outcome]
  package let violation: Violation<ReadingsInvariant>?

  package init(seed: UInt64, hosts: Int, socket: Int) {
    let world = ReadingsWorld(
      .powerCut(seed: seed, hosts: hosts, listeners: min(Self.listeners, hosts), socketLimit: socket))
    outcomes = world.runPowerCut(of: hosts)
    violation = world.violation
  }

  static func run(_ seeds: Range<UInt64>, hosts: Int) -> Int32 {
    var status: Int32 = 0
    for seed in seeds {
      for socket in sockets {
        let cut = PowerCut(seed: seed, hosts: hosts, socket: socket)
        print("seed \(seed), \(hosts) hosts, room for \(socket) datagrams:")
        for (number, outcome) in cut.outcomes.enumerated() {
          let last = outcome.last.map { "\(Double($0 / 1000) / 1000) ms" } ?? "never"
          print(
            "  listener \(number): knows \(outcome.known) within 100 ms, the last after \(last); "
              + "\(outcome.came) datagrams in a second, \(outcome.dropped) dropped")
          if outcome.known < hosts { status = 1 }
        }
        if let violation = cut.violation {
          print("seed \(seed) breaks an invariant: \(violation)")
          status = 1
        }
      }
    }
    return status
  }
}

extension ReadingsWorld {
  /// When the first of them may change.
  private static let cut = Int64.seconds(5)

  fileprivate func runPowerCut(of count: Int) -> [PowerCut.Outcome] {
    let listeners = hosts.filter(\.plan.listens)
    run(until: Self.cut)
    let before = listeners.map { (received: $0.received, drops: $0.drops) }
    var last = [Int64?](repeating: nil, count: listeners.count)
    var known = [Int](repeating: 0, count: listeners.count)
    while violation == nil, now < Self.cut + .seconds(1) {
      run(until: now + 500_000)
      for (place, host) in listeners.enumerated() where last[place] == nil {
        let knows = knowing(host)
        if now <= Self.cut + PowerCut.knownWithin { known[place] = knows }
        if knows == count { last[place] = now - Self.cut }
      }
    }
    return listeners.indices.map { place in
      let (came, dropped) = (
        listeners[place].received - before[place].received, listeners[place].drops - before[place].drops
      )
      return PowerCut.Outcome(known: known[place], last: last[place], came: came + dropped, dropped: dropped)
    }
  }

  /// Of how many hosts it knows that mains are out, itself included.
  private func knowing(_ host: ReadingsHost) -> Int {
    guard let process = host.process else { return 0 }
    let time = host.clock.monotonic(now)
    return hosts.count { other in
      process.monitor.facts.reports(of: other.plan.name, at: time).contains {
        $0.quality == .good && $0.value.text == "OB"
      }
    }
  }
}
