// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Simulation

struct OracleTests {
  /// `packaging/simulate --rules` runs many more, in a release build.
  @Test("rules are in the states in which the oracle has them, in each second of 2000 random scenarios")
  func oracle() throws {
    var comparison = RuleComparison()
    do throws(RuleComparison.Difference) {
      for seed in stride(from: UInt64(1), to: 2001, by: 500) { try comparison.run(seed..<seed + 500) }
    } catch {
      Issue.record("\(error)\n\(error.scenario.map { "packaging/simulate --rules --seed \($0.seed)" } ?? "")")
    }
    // That it is not all inactive.
    for letter in "ipars" { #expect(comparison.seconds[letter, default: 0] > 500, "\(letter)") }
  }
}
