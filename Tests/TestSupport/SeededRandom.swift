// SPDX-License-Identifier: Apache-2.0

import Glibc

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same sequence for the same seed on every run.
package struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  /// A sequence that is always the same one.
  package init(seed: UInt64) {
    state = seed
  }

  /// The sequence of a random test: `MCASTD_SEED` takes the place of its seed, and the seed is printed, so
  /// that any run can be repeated.
  ///
  /// - Parameters:
  ///   - seed: The test's own seed.
  ///   - test: Printed with it.
  package init(testSeed seed: UInt64, _ test: String = #function, file: String = #fileID) {
    self.init(seed: Self.seed(default: seed, test, file: file))
  }

  /// A random test's seed, printed: `MCASTD_SEED`, decimal or hexadecimal after `0x`, or else the test's own.
  package static func seed(
    default seed: UInt64, _ test: String = #function, file: String = #fileID
  ) -> UInt64 {
    let chosen = getenv("MCASTD_SEED").flatMap { number(String(cString: $0)) } ?? seed
    print("\(file) \(test): MCASTD_SEED=\(chosen)")
    return chosen
  }

  private static func number(_ text: String) -> UInt64? {
    text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// 0 to `bound` - 1.
  package mutating func below(_ bound: Int) -> Int {
    Int(next() % UInt64(bound))
  }

  /// True once in `1 / probability` times.
  package mutating func chance(_ probability: Double) -> Bool {
    Double(next() >> 11) / Double(1 << 53) < probability
  }
}
