// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// The program `simulate`: runs seeds, and prints what a failure needs to be replayed.
package enum Simulator {
  private static let usage = """
    usage: simulate [--seed N] [--seeds COUNT] [--hours H] [--hosts N] [--seconds S] [--trace] [--calm]

    Runs worlds of daemons in simulated time: COUNT seeds from N on, or as many as S seconds of real time allow.
    Of a run that breaks an invariant it prints the end of the trace and the command that replays it, and ends
    with status 1. `simulate --false-alarms` asks how often peers are called silent in error,
    `simulate --readings` runs hosts that say readings, `simulate --rules` rules that are decided by them, and
    `simulate --fleet` fifty hosts with one rule.
    """

  private struct Options {
    var seed: UInt64 = 1
    var seeds = 1
    var hours = 1.0
    var hosts: Int?
    var seconds: Double?
    var isTraced = false
    var isCalm = false

    init?(_ arguments: some Sequence<String>) {
      var rest = Array(arguments)
      func take() -> String? { rest.isEmpty ? nil : rest.removeFirst() }
      while let option = take() {
        switch option {
        case "--seed":
          guard let number = take().flatMap({ UInt64($0) }) else { return nil }
          seed = number
        case "--seeds":
          guard let number = take().flatMap({ Int($0) }) else { return nil }
          seeds = number
        case "--hours":
          guard let number = take().flatMap({ Double($0) }), number > 0 else { return nil }
          hours = number
        case "--hosts":
          guard let number = take().flatMap({ Int($0) }), number > 0 else { return nil }
          hosts = number
        case "--seconds":
          guard let number = take().flatMap({ Double($0) }) else { return nil }
          seconds = number
        case "--trace": isTraced = true
        case "--calm": isCalm = true
        default: return nil
        }
      }
    }
  }

  /// - Returns: The exit status.
  package static func run(_ arguments: some Sequence<String>) -> Int32 {
    if arguments.contains("--false-alarms") { return FalseAlarms.run(arguments) }
    if arguments.contains("--readings") { return ReadingsSimulator.run(arguments) }
    if arguments.contains("--fleet") { return FleetSimulator.run(arguments) }
    if arguments.contains("--rules") { return RulesSimulator.run(arguments) }
    guard let options = Options(arguments) else {
      print(usage)
      return 64
    }
    let start = Clocks.monotonic()
    var seed = options.seed
    var total = Total()
    while true {
      let began = processorTime()
      let world = World(
        Scenario(
          seed: seed, duration: Int64(options.hours * 3600 * 1e9), hosts: options.hosts,
          isCalm: options.isCalm))
      if options.isTraced { world.show { print($0) } }
      world.run()
      let span = processorTime() - began
      total.add(world)
      print(summary(of: world, real: span))
      if let violation = world.violation {
        report(violation, world, options)
        return 1
      }
      seed += 1
      if let seconds = options.seconds {
        if Double(Clocks.elapsed(since: start)) >= seconds * 1e9 { break }
      } else if seed - options.seed >= options.seeds {
        break
      }
    }
    print("\(seed - options.seed) seeds, \(total): no invariant was broken")
    return 0
  }

  private struct Total: CustomStringConvertible {
    var hostHours = 0.0
    var hours = 0.0

    mutating func add(_ world: World) {
      hours += Double(world.now) / 3.6e12
      hostHours += Double(world.now) / 3.6e12 * Double(world.hostCount)
    }

    var description: String { "\(rounded(hours)) h, \(rounded(hostHours)) host hours" }
  }

  /// Nanoseconds of processor time: other work on the machine does not count.
  private static func processorTime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  private static func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }

  private static func summary(of world: World, real: Int64) -> String {
    let speed = Double(world.now) / Double(max(1, real))
    return "seed \(world.scenario.seed): \(world.hostCount) hosts, \(rounded(Double(world.now) / 3.6e12)) h, "
      + "\(world.deliveries) deliveries, \(Int(speed)) times real time, "
      + "\(real / Int64(max(1, world.deliveries))) ns a delivery, digest \(hexadecimal(world.digest))"
  }

  private static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func report(_ violation: Violation<Invariant>, _ world: World, _ options: Options) {
    if !options.isTraced { for line in world.lastLines { print(line) } }
    print("seed \(world.scenario.seed) breaks an invariant: \(violation)")
    print("replay: packaging/simulate \(replay(world.scenario.seed, options)) --trace")
  }

  private static func replay(_ seed: UInt64, _ options: Options) -> String {
    var words = ["--seed \(seed)", "--hours \(options.hours)"]
    if let hosts = options.hosts { words.append("--hosts \(hosts)") }
    if options.isCalm { words.append("--calm") }
    return words.joined(separator: " ")
  }
}
