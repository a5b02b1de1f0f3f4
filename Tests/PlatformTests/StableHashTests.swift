// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Platform

struct StableHashTests {
  @Test(
    "it is FNV-1a of 64 bits, by the vectors of its authors",
    arguments: [
      ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
    ] as [(String, UInt64)])
  func vectors(text: String, value: UInt64) {
    var hash = StableHash()
    hash.mix(text.utf8)
    #expect(hash.value == value)
  }

  @Test("a last byte that differs by one changes about half of the bits")
  func avalanche() {
    let hashes = (0..<64 as Range<UInt8>).map { byte in
      var hash = StableHash()
      hash.mix([1, 2, byte])
      return hash.avalanched
    }
    for (one, other) in zip(hashes, hashes.dropFirst()) {
      #expect((12...52).contains((one ^ other).nonzeroBitCount))
    }
  }
}
