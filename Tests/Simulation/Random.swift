// SPDX-License-Identifier: Apache-2.0

/// xoshiro256** (Blackman and Vigna), seeded by SplitMix64. All chance in a simulation comes from one of
/// these, and none of it from libm, so that a seed is a run.
struct Random: Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  init(seed: UInt64) {
    var mix = seed
    func next() -> UInt64 {
      mix &+= 0x9e37_79b9_7f4a_7c15
      var word = mix
      word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
      return word ^ (word >> 31)
    }
    state = (next(), next(), next(), next())
  }

  @inline(__always)
  mutating func next() -> UInt64 {
    let product = state.1 &* 5
    let result = ((product << 7) | (product >> 57)) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = (state.3 << 45) | (state.3 >> 19)
    return result
  }

  /// 0 to `bound` - 1; 0 where that is none.
  @inline(__always)
  mutating func below(_ bound: Int) -> Int {
    bound <= 0 ? 0 : Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Both ends included.
  @inline(__always)
  mutating func between(_ low: Int64, _ high: Int64) -> Int64 { low + Int64(below(Int(high - low + 1))) }

  /// 0 to 1.
  @inline(__always)
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  @inline(__always)
  mutating func chance(_ probability: Double) -> Bool { unit() < probability }

  /// One of several; the array must not be empty.
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

extension Int64 {
  /// So many seconds, in nanoseconds.
  static func seconds(_ count: Int64) -> Int64 { count * 1_000_000_000 }
  static func milliseconds(_ count: Int64) -> Int64 { count * 1_000_000 }
  static func microseconds(_ count: Int64) -> Int64 { count * 1000 }
}
