// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat

@Suite("A new key")
struct NewKeyTests {
  private static let time = CivilTime(
    unchecked: (2026, 11, 29), hour: 13, minute: 25, second: 0, microsecond: 0)

  @Test("of HMAC it is one line, whose ID has the date")
  func mac() throws {
    var random = SeededRandom(seed: 1)
    let text = try #require(NewKey.lines(.hmacSHA256, at: Self.time, using: &random))
    #expect(try #/20261129-[2-9a-z]{4} hmac-sha256 [A-Za-z0-9+\/]{43}=\n/#.wholeMatch(in: text) != nil)
    #expect(try KeyFixture.ring(text).keys.map(\.algorithm) == [.hmacSHA256])
  }

  @Test("of Ed25519 all of it is the signer's file, and its last line a receiver's")
  func pair() throws {
    var random = SeededRandom(seed: 1)
    let text = try #require(NewKey.lines(.ed25519, at: Self.time, using: &random))
    let lines = text.split(separator: "\n")
    #expect(lines.count == 3 && lines[1].hasPrefix("#") && text.hasSuffix("\n"))
    #expect(try KeyFixture.ring(text).keys.map(\.algorithm) == [.ed25519])
    let receiver = try KeyFixture.ring(String(lines[2]))
    #expect(receiver.keys.map(\.algorithm) == [.ed25519Public])
    let payload = try KeyFixture.sealed(by: try #require(KeyFixture.seal(try KeyFixture.ring(text))))
    var verifier = HeartbeatVerifier(receiver, group: KeyFixture.group, now: 0)
    #expect(verifier.verify(payload) == .signed(key: 0))
  }

  @Test("each has another secret, and of many IDs few are the same")
  func distinct() throws {
    var random = SystemRandomNumberGenerator()
    let lines = try (0..<1000).map { _ in
      try #require(NewKey.lines(.hmacSHA256, at: Self.time, using: &random)).split(separator: " ")
    }
    #expect(Set(lines.map { $0[2] }).count == 1000)
    #expect(Set(lines.map { $0[0] }).count > 990)
  }

  @Test("of a public key alone there is none")
  func publicKey() {
    var random = SeededRandom(seed: 1)
    #expect(NewKey.lines(.ed25519Public, at: Self.time, using: &random) == nil)
  }
}
