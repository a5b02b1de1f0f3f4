// SPDX-License-Identifier: Apache-2.0

/// FNV-1a of 64 bits: the same in every process, which Swift's own hashing is not. Not for what somebody
/// could choose in order to collide.
package struct StableHash: Sendable {
  package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  package init() {}

  package mutating func mix(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  package mutating func mix(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number) { mix($0) }
  }

  /// The same with every bit depending on all that was mixed in, the last byte too: the finalizer of
  /// SplitMix64.
  package var avalanched: UInt64 {
    var bits = value
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}
