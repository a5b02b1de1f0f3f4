// SPDX-License-Identifier: Apache-2.0

import Platform

/// `simulate --readings`: runs seeds of worlds of readings, and prints what a failure needs to be replayed.
enum ReadingsSimulator {
  private static let usage = """
    usage: simulate --readings [--seed N] [--seeds COUNT] [--hosts N] [--trace]

    Runs hosts that say readings, in simulated time: COUNT seeds from N on. Of a run that breaks an invariant it
    prints the end of its trace and the command that replays it, and ends with status 1. With more than \(most)
    hosts all of them say at once that mains are out, and five of them hear.
    """

  /// In a world in which each hears each.
  private static let most = 64

  /// - Returns: The exit status.
  static func run(_ arguments: some Sequence<String>) -> Int32 {
    guard let options = SeedOptions(arguments, of: "--readings", hosts: 2...100_000) else {
      print(usage)
      return 64
    }
    let seeds = options.range
    if let hosts = options.hosts, hosts > most { return PowerCut.run(seeds, hosts: hosts) }
    var total = Total()
    for seed in seeds {
      let world = ReadingsWorld(ReadingsScenario(seed: seed, hosts: options.hosts))
      if options.isTraced { world.show = { print($0) } }
      world.run()
      total.add(world)
      if options.isTraced || seeds.count == 1 { print(summary(of: world)) }
      if let violation = world.violation {
        report(violation, seed, options)
        return 1
      }
    }
    print(total)
    guard total.losses.isAsExpected else {
      print("not as many changes were missed as independent losses give")
      return 1
    }
    return 0
  }

  private static func summary(of world: ReadingsWorld) -> String {
    let digits = String(world.digest, radix: 16)
    return "seed \(world.scenario.seed): \(world.scenario.kind), \(world.hostCount) hosts, "
      + "\(world.deliveries) deliveries, digest \(String(repeating: "0", count: 16 - digits.count) + digits)"
  }

  private static func report(
    _ violation: Violation<ReadingsInvariant>, _ seed: UInt64, _ options: SeedOptions
  ) {
    if !options.isTraced { for line in lastLines(of: seed, options) { print(line) } }
    print("seed \(seed) breaks an invariant: \(violation)")
    print("replay: \(options.replay(of: seed))")
  }

  /// A seed is a run: its trace is made when it is wanted.
  private static func lastLines(of seed: UInt64, _ options: SeedOptions) -> [String] {
    let world = ReadingsWorld(ReadingsScenario(seed: seed, hosts: options.hosts))
    var lines: [String] = []
    world.show = { line in
      if lines.count >= 200 { lines.removeFirst(100) }
      lines.append(line)
    }
    world.run()
    return lines.suffix(100)
  }

  private struct Total: CustomStringConvertible {
    private var seeds = 0
    private var kinds: [ReadingsScenario.Kind: Int] = [:]
    private var hostSeconds = 0.0
    private var (sent, delivered, states) = (0, 0, 0)
    var losses = LossShare()

    mutating func add(_ world: ReadingsWorld) {
      seeds += 1
      kinds[world.scenario.kind, default: 0] += 1
      hostSeconds += Double(world.now) / 1e9 * Double(world.hostCount)
      sent += world.sent.count
      delivered += world.deliveries
      states += world.books.reduce(0) { $0 + $1.versions.count }
      losses.add(world.losses)
    }

    var description: String {
      let kinds = ReadingsScenario.Kind.allCases.compactMap { kind in
        self.kinds[kind].map { "\($0) \(kind)" }
      }.joined(separator: ", ")
      let lines = losses.counts.sorted { $0.key < $1.key }.map { loss, count in
        "  \(Int(loss * 100)) % lost: of \(count.pairs) pairs of a change and a host \(count.missed) did not "
          + "agree within 100 ms, \(rounded(count.expected)) expected"
      }
      return
        ([
          "\(seeds) seeds (\(kinds)), \(rounded(hostSeconds / 3600)) host hours, \(states) states, "
            + "\(sent) datagrams sent, \(delivered) received: no invariant was broken"
        ] + lines).joined(separator: "\n")
    }

    private func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
  }
}
