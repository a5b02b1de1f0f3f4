// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat

struct Base64Tests {
  private func encoded(_ bytes: [UInt8], _ alphabet: Base64.Alphabet) -> String {
    var text = [UInt8](repeating: 0, count: Base64.encodedCount(bytes.count))
    bytes.withUnsafeBytes { bytes in
      text.withUnsafeMutableBytes { Base64.encode(bytes, alphabet, into: $0) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private func decoded(_ text: [UInt8], _ alphabet: Base64.Alphabet, capacity: Int = 100) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: capacity)
    let count = text.withUnsafeBytes { text in
      bytes.withUnsafeMutableBytes { Base64.decode(text, alphabet, into: $0) }
    }
    return count.map { Array(bytes[..<$0]) }
  }

  @Test(
    "texts are those of RFC 4648, section 10, without padding",
    arguments: [
      ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
      ("foobar", "Zm9vYmFy"),
    ])
  func vectors(bytes: String, text: String) {
    #expect(encoded(Array(bytes.utf8), .url) == text)
    #expect(decoded(Array(text.utf8), .url) == Array(bytes.utf8))
  }

  @Test("each alphabet is itself, and either is both")
  func alphabets() {
    #expect(encoded([0xfb, 0xff], .standard) == "+/8")
    #expect(encoded([0xfb, 0xff], .url) == "-_8")
    for (text, accepted) in [
      ("+/8", [Base64.Alphabet.standard, .either]), ("-_8", [.url, .either]), ("+_8", [.either]),
      ("+/8=", []),
      ("+/ 8", []), ("+/8\n", []),
    ] {
      for alphabet in [Base64.Alphabet.standard, .url, .either] {
        #expect((decoded(Array(text.utf8), alphabet) != nil) == accepted.contains(alphabet), "\(text)")
      }
    }
  }

  @Test("what is written is read, and nothing else is read as the same bytes")
  func oneText() {
    var random = SeededRandom(testSeed: 14)
    for _ in 0..<2000 {
      let bytes = (0..<random.below(70)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let text = Array(encoded(bytes, .url).utf8)
      #expect(decoded(text, .url) == bytes)
      #expect(bytes.isEmpty || decoded(text, .url, capacity: bytes.count - 1) == nil)
      guard !text.isEmpty else { continue }
      for byte in UInt8.min...UInt8.max {
        var other = text
        other[other.count - 1] = byte
        #expect(byte == text.last || decoded(other, .url) != bytes)
      }
      #expect(decoded(text + [UInt8(ascii: "A")], .url) != bytes)
    }
  }
}
