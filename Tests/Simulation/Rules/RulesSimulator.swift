// SPDX-License-Identifier: Apache-2.0

import Platform
import Rules

/// `simulate --rules`: runs seeds of scenarios of rules beside the oracle, and prints what a failure needs to
/// be replayed.
enum RulesSimulator {
  private static let usage = """
    usage: simulate --rules [--seed N] [--seeds COUNT] [--trace]
           simulate --rules --load [--seed N] [--hosts N] [--number RULES] [--seconds S]

    Runs random scenarios of rules, COUNT seeds from N on, by the daemon's code and by the oracle
    (Tests/RulesTests/Oracle/oracle.py), and ends with status 1 where their states differ in any second. With
    --trace the scenarios are printed instead, and the states of each rule after them.
    """

  /// Scenarios that a process of the oracle is given.
  private static let batch: UInt64 = 2000

  /// - Returns: The exit status.
  static func run(_ arguments: some Sequence<String>) -> Int32 {
    if arguments.contains("--load") { return RulesLoad.run(arguments) }
    guard let options = SeedOptions(arguments, of: "--rules") else {
      print(usage)
      return 64
    }
    let seeds = options.range
    return options.isTraced ? trace(seeds) : compare(seeds)
  }

  private static func compare(_ seeds: Range<UInt64>) -> Int32 {
    var comparison = RuleComparison()
    var next = seeds.lowerBound
    while next < seeds.upperBound {
      let end = seeds.upperBound - next > batch ? next + batch : seeds.upperBound
      do throws(RuleComparison.Difference) {
        try comparison.run(next..<end)
      } catch {
        if let scenario = error.scenario {
          print(scenario.text, terminator: "")
          print("seed \(scenario.seed) breaks an invariant: \(error.text)")
          print("replay: packaging/simulate --rules --seed \(scenario.seed)")
        } else {
          print(error)
        }
        return 1
      }
      next = end
    }
    print(comparison)
    return 0
  }

  private static func trace(_ seeds: Range<UInt64>) -> Int32 {
    for seed in seeds {
      let scenario = RuleScenario(seed: seed)
      print(scenario.text, terminator: "")
      do throws(RuleFileError) {
        for (rule, states) in zip(scenario.rules, try scenario.states()) {
          print("states \(seed) \(rule.name) \(states)")
        }
      } catch {
        print(error)
        return 1
      }
    }
    return 0
  }
}

extension RuleComparison: CustomStringConvertible {
  var description: String {
    let shares = RuleMachine.State.allCases.map { state in
      "\(state.rawValue) \(state.rawValue.first.flatMap { seconds[$0] } ?? 0) s"
    }
    return "\(scenarios) scenarios, equal states in each second: \(shares.joined(separator: ", "))"
  }
}
