// SPDX-License-Identifier: Apache-2.0

import Platform

/// `simulate --fleet`: runs seeds of fleets, and prints what a failure needs to be replayed.
enum FleetSimulator {
  private static let usage = """
    usage: simulate --fleet [--seed N] [--seeds COUNT] [--hosts N] [--trace]

    Runs fleets of about fifty hosts with one rule, in simulated time: COUNT seeds from N on. Of a run that breaks
    an invariant it prints the end of its trace and the command that replays it, and ends with status 1.
    """

  /// - Returns: The exit status.
  static func run(_ arguments: some Sequence<String>) -> Int32 {
    guard let options = SeedOptions(arguments, of: "--fleet", hosts: 1...1000) else {
      print(usage)
      return 64
    }
    var total = Total()
    for seed in options.range {
      let world = ReadingsWorld(ReadingsScenario(fleet: seed, hosts: options.hosts))
      if options.isTraced { world.show = { print($0) } }
      world.run()
      total.add(world)
      if let violation = world.violation {
        report(violation, seed, options)
        return 1
      }
    }
    print(total)
    return 0
  }

  private static func report(
    _ violation: Violation<ReadingsInvariant>, _ seed: UInt64, _ options: SeedOptions
  ) {
    if !options.isTraced {
      let world = ReadingsWorld(ReadingsScenario(fleet: seed, hosts: options.hosts))
      print(world.scenario.fleet?.rule.text ?? "", terminator: "")
      let ofHost = "host \(violation.host) "
      var lines: [String] = []
      world.show = { line in
        guard line.contains(ofHost) || line.contains("fault") || line.contains("replays") else { return }
        lines.append(line)
        if lines.count > 200 { lines.removeFirst(100) }
      }
      world.run()
      for line in lines.suffix(100) { print(line) }
    }
    print("seed \(seed) breaks an invariant: \(violation)")
    print("replay: \(options.replay(of: seed))")
  }

  private struct Total: CustomStringConvertible {
    private var seeds = 0
    private var hostSeconds = 0.0
    private var (delivered, flips) = (0, 0)
    private var counts = FleetCounts()

    mutating func add(_ world: ReadingsWorld) {
      seeds += 1
      hostSeconds += Double(world.now) / 1e9 * Double(world.hostCount)
      delivered += world.deliveries
      flips += world.hosts.reduce(0) { $0 + $1.fleet.flips.count }
      counts.add(world.fleetCounts)
    }

    var description: String {
      "\(seeds) seeds, \((hostSeconds / 360).rounded() / 10) host hours, \(delivered) datagrams received, "
        + "\(counts.transitions) transitions: \(counts.entered) entered, \(counts.left) left, "
        + "\(counts.adopted) adopted, \(counts.suspended) suspended; \(flips) flips of targets; "
        + "\(counts.replayed) recorded heartbeats were new to a host, \(counts.replayedLate) of them older than "
        + "facts may be: no invariant was broken"
    }
  }
}
