// SPDX-License-Identifier: Apache-2.0

/// The seeds that a simulator runs, as its command line has them.
struct SeedOptions {
  /// The option that names the simulator: `--fleet`.
  private let simulator: String
  var seed: UInt64 = 1
  var seeds: UInt64 = 1
  /// Nil for as many as a seed has.
  var hosts: Int?
  var isTraced = false

  /// - Parameters:
  ///   - allowed: How many hosts may be asked for; nil where that is no option.
  /// - Returns: Nil for what is not understood.
  init?(_ arguments: some Sequence<String>, of simulator: String, hosts allowed: ClosedRange<Int>? = nil) {
    self.simulator = simulator
    var rest = Array(arguments)
    func take() -> String? { rest.isEmpty ? nil : rest.removeFirst() }
    while let option = take() {
      switch option {
      case simulator: break
      case "--seed":
        guard let number = take().flatMap({ UInt64($0) }) else { return nil }
        seed = number
      case "--seeds":
        guard let number = take().flatMap({ UInt64($0) }), number > 0 else { return nil }
        seeds = number
      case "--hosts":
        guard let number = take().flatMap({ Int($0) }), allowed?.contains(number) == true else { return nil }
        hosts = number
      case "--trace": isTraced = true
      default: return nil
      }
    }
  }

  /// All of them.
  var range: Range<UInt64> {
    let (end, isOverflow) = seed.addingReportingOverflow(seeds)
    return seed..<(isOverflow ? .max : end)
  }

  /// The command that runs one of them again, and shows all of it.
  func replay(of seed: UInt64) -> String {
    "packaging/simulate \(simulator) --seed \(seed)\(hosts.map { " --hosts \($0)" } ?? "") --trace"
  }
}
