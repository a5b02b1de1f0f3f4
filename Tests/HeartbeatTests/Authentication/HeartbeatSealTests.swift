// SPDX-License-Identifier: Apache-2.0

import Platform
import TestSupport
import Testing

@testable import Heartbeat

@Suite("The words that authenticate")
struct HeartbeatSealTests {
  /// Key 32 times `A`, byte n of the message (31 n + 7) mod 256: by another program.
  @Test(
    "HMAC-SHA256 and Ed25519 are those of other programs",
    arguments: [
      (100, "5ca4949a82df5ec1", "4f180de9fd44d042"), (600, "3fae3fa251d47bd8", "ffe50ffd5898a00f"),
      (1000, "4322531a2fab10ad", "bb27d0e69b61d07d"),
    ])
  func vectors(count: Int, mac: String, signature: String) throws {
    let message = (0..<count).map { UInt8(truncatingIfNeeded: 31 * $0 + 7) }
    let ring = try KeyFixture.ring(
      "k hmac-sha256 \(KeyFixture.secret)\nk ed25519 \(KeyFixture.secret)\n")
    message.withUnsafeBytes { message in
      let code = ring.secrets.mac([], message, by: 0)
      let signed = ring.secrets.signature([], message, by: 1)
      #expect(hexadecimal((0..<8).map { code[$0] }) == mac)
      #expect(hexadecimal((0..<8).map { signed[$0] }) == signature)
      // The parts are one message, wherever it is parted.
      for place in [1, 63, 64, 99] {
        let prefix = Array(message[..<place])
        let rest = UnsafeRawBufferPointer(rebasing: message[place...])
        let parted = ring.secrets.mac(prefix, rest, by: 0)
        #expect((0..<32).allSatisfy { parted[$0] == code[$0] })
        #expect(ring.secrets.isRight(signed, prefix, rest, by: 1))
      }
    }
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { Escape.hexadecimal(UInt32($0), digits: 2) }.joined()
  }

  @Test("mac= stands last, with 22 characters, and sig= before it with 86")
  func form() throws {
    for (file, pattern) in [
      ("m hmac-sha256 \(KeyFixture.secret)", #" mac=m:[A-Za-z0-9_-]{22}"#),
      ("s ed25519 \(KeyFixture.secret)", #" sig=s:[A-Za-z0-9_-]{86}"#),
      (
        "s ed25519 \(KeyFixture.secret)\nm hmac-sha256 \(KeyFixture.secret)",
        #" sig=s:[A-Za-z0-9_-]{86} mac=m:[A-Za-z0-9_-]{22}"#
      ),
    ] {
      let seal = try #require(KeyFixture.seal(try KeyFixture.ring(file)))
      let text = String(decoding: try KeyFixture.sealed(by: seal), as: UTF8.self)
      #expect(text.hasPrefix(KeyFixture.beat))
      let words = String(text.dropFirst(KeyFixture.beat.count))
      #expect(try Regex(pattern).wholeMatch(in: words) != nil, "\(words)")
      #expect(words.utf8.count == seal.size)
      #expect(Heartbeat(Array(text.utf8)) != nil)
    }
  }

  @Test("the first key of a kind that may sign for the host does")
  func firstKey() throws {
    let ring = try KeyFixture.ring(
      """
      # A public key signs nothing, and another host's not for us.
      z ed25519-public \(KeyFixture.publicKey)
      z hmac-sha256 \(KeyFixture.secret) host=beta,gamma
      m hmac-sha256 \(KeyFixture.secret) host=alpha
      a hmac-sha256 \(KeyFixture.secret)
      """)
    func word(_ host: String) throws -> Substring? {
      try KeyFixture.seal(ring, host: host).map { seal in
        String(decoding: try KeyFixture.sealed(by: seal), as: UTF8.self)
          .dropFirst(KeyFixture.beat.count + 1).prefix { $0 != ":" }
      }
    }
    #expect(try word("alpha") == "mac=m")
    #expect(try word("beta") == "mac=z")
    #expect(try word("Alpha") == "mac=a")
    #expect(try word("") == "mac=a")
    let others = try KeyFixture.ring("z hmac-sha256 \(KeyFixture.secret) host=beta")
    #expect(KeyFixture.seal(others) == nil)
    let publics = try KeyFixture.ring("z ed25519-public \(KeyFixture.publicKey)")
    #expect(KeyFixture.seal(publics) == nil)
  }

  @Test("where there is no room nothing is written")
  func room() throws {
    let id = String(repeating: "i", count: 32)
    let ring = try KeyFixture.ring(
      "\(id) hmac-sha256 \(KeyFixture.secret)\n\(id) ed25519 \(KeyFixture.secret)")
    let seal = try #require(KeyFixture.seal(ring))
    #expect(seal.size == 184)
    for (capacity, count, isRoom) in [
      (1000, 816, true), (1000, 817, false), (2000, 816, true), (2000, 817, false), (484, 300, true),
      (483, 300, false), (100, 300, false), (2000, -1, false), (0, 0, false), (2000, .max, false),
    ] {
      var buffer = [UInt8](repeating: UInt8(ascii: "x"), count: capacity)
      let sealed = buffer.withUnsafeMutableBytes { seal.append(to: $0, after: count) }
      #expect(sealed == (isRoom ? count + 184 : nil))
      #expect(buffer.allSatisfy { $0 == UInt8(ascii: "x") } == !isRoom)
    }
  }
}
