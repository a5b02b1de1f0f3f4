// SPDX-License-Identifier: Apache-2.0

import Platform
import Testing

@testable import Heartbeat

@Suite("What a heartbeat proves")
struct HeartbeatVerifierTests {
  private static let second: Int64 = 1_000_000_000
  private static let mac = "m hmac-sha256 \(KeyFixture.secret)"
  private static let seed = "s ed25519 \(KeyFixture.secret)"
  private static let publicKey = "s ed25519-public \(KeyFixture.publicKey)"
  /// The key of `mac`, with another secret.
  private static let otherMAC = "m hmac-sha256 \(String(repeating: "B", count: 42))A"
  private static let otherSeed = "s ed25519 \(String(repeating: "B", count: 42))A"

  private func sealed(_ file: String, _ beat: String = KeyFixture.beat) throws -> [UInt8] {
    try KeyFixture.sealed(beat, by: try #require(KeyFixture.seal(try KeyFixture.ring(file))))
  }

  private func verifier(_ file: String, group: Endpoint = KeyFixture.group) throws -> HeartbeatVerifier {
    HeartbeatVerifier(try KeyFixture.ring(file), group: group, now: 0)
  }

  @Test(
    "a word that can be checked must be right, and one that is right is enough",
    arguments: [
      // Sent with, received with, what follows.
      (mac, mac, Authentication.authenticated(key: 0)),
      (mac, otherMAC, .refused(.wrongMAC)),
      (mac, publicKey, .refused(.unknownKey)),
      (mac, "n hmac-sha256 \(KeyFixture.secret)", .refused(.unknownKey)),
      (mac, "m ed25519 \(KeyFixture.secret)", .refused(.unknownKey)),
      (seed, seed, .signed(key: 0)),
      (seed, publicKey, .signed(key: 0)),
      (seed, "\(seed)\n\(publicKey)\n\(mac)", .signed(key: 1)),
      (seed, otherSeed, .refused(.wrongSignature)),
      (seed, mac, .refused(.unknownKey)),
      (seed, "s hmac-sha256 \(KeyFixture.secret)", .refused(.unknownKey)),
      ("\(seed)\n\(mac)", "\(publicKey)\n\(mac)", .signed(key: 1)),
      ("\(seed)\n\(mac)", mac, .authenticated(key: 0)),
      ("\(seed)\n\(mac)", publicKey, .signed(key: 0)),
      ("\(seed)\n\(mac)", "\(publicKey)\n\(otherMAC)", .refused(.wrongMAC)),
      ("\(seed)\n\(mac)", "\(otherSeed)\n\(mac)", .refused(.wrongSignature)),
      ("\(seed)\n\(mac)", "x hmac-sha256 \(KeyFixture.secret)", .refused(.unknownKey)),
      ("\(seed)\n\(mac)", "\(publicKey)\n\(mac) host=beta", .refused(.keyOfOtherHost)),
      ("\(seed)\n\(mac)", "\(publicKey) host=beta\n\(mac)", .refused(.keyOfOtherHost)),
      (seed, "\(publicKey) host=beta,alpha", .signed(key: 0)),
      (seed, "\(publicKey) host=Alpha", .refused(.keyOfOtherHost)),
      // A host must be allowed by both lines of a pair.
      (seed, "\(seed) host=alpha\n\(publicKey) host=beta,gamma", .refused(.keyOfOtherHost)),
      (seed, "\(seed) host=alpha,beta\n\(publicKey)", .signed(key: 0)),
      (seed, "\(seed)\n\(publicKey) host=beta", .refused(.keyOfOtherHost)),
    ])
  func combinations(sender: String, receiver: String, result: Authentication) throws {
    var verifier = try verifier(receiver)
    #expect(verifier.verify(try sealed(sender)) == result)
  }

  @Test("a code is for one group, port and purpose")
  func context() throws {
    let payload = try sealed("\(Self.seed)\n\(Self.mac)")
    let signed = try sealed(Self.seed)
    for (address, port) in [("239.1.1.2", 5001), ("239.1.1.1", 5002), ("239.1.1.1", 500)] {
      let group = Endpoint(try #require(IPAddress(address)), port: UInt16(port))
      var verifier = try verifier("\(Self.publicKey)\n\(Self.mac)", group: group)
      #expect(verifier.verify(payload) == .refused(.wrongMAC))
      #expect(verifier.verify(signed) == .refused(.wrongSignature))
    }
    #expect(SealContext(group: KeyFixture.group).mac == Array("mcastd 1\0239.1.1.1:5001\0".utf8))
    let six = Endpoint(try #require(IPAddress("ff15::1")), port: 5001)
    #expect(SealContext(group: six).signature == Array("mcastd 1 sig\0[ff15::1]:5001\0".utf8))
  }

  @Test("words elsewhere than at the end are not looked at, and those in quotes are none")
  func elsewhere() throws {
    var verifier = try verifier(Self.mac)
    let right = String(decoding: try sealed(Self.mac), as: UTF8.self)
    let word = right.dropFirst(KeyFixture.beat.count)
    #expect(verifier.verify(right) == .authenticated(key: 0))
    for payload in [
      "", " ", "ATU", KeyFixture.beat, right + " seq=18", KeyFixture.beat + #" note="x\#(word)""#,
      KeyFixture.beat + #" note="\"\#(word)""#, KeyFixture.beat + " xmac=\(word.dropFirst(5))",
      String(word.dropFirst()), "mac=",
    ] {
      #expect(verifier.verify(payload) == .none, "\(payload)")
    }
    // The last words count, and those before are covered.
    let ring = try KeyFixture.ring(Self.mac)
    let twice = try KeyFixture.sealed(right, by: try #require(KeyFixture.seal(ring)))
    #expect(verifier.verify(twice) == .authenticated(key: 0))
    // sig= after mac= is alone.
    var both = try self.verifier("\(Self.mac)\n\(Self.publicKey)")
    let seed = try #require(KeyFixture.seal(try KeyFixture.ring(Self.seed)))
    let reversed = try KeyFixture.sealed(KeyFixture.beat + " mac=m:AAAAAAAAAAAAAAAAAAAAAA", by: seed)
    #expect(both.verify(reversed) == .signed(key: 1))
  }

  @Test("a word that is not of the form is malformed, whoever it is by")
  func malformed() throws {
    var verifier = try verifier("\(Self.mac)\n\(Self.publicKey)")
    let code = String(repeating: "A", count: 22)
    let signature = String(repeating: "A", count: 86)
    for word in [
      "mac=", "mac=m", "mac=m:", "mac=:\(code)", "mac=m:\(code)A", "mac=m:\(code.dropLast())",
      "mac=m:\(code.dropLast())+", "mac=m:\(code.dropLast())=", "mac=m:\(code.dropLast(2))==",
      "mac=m;\(code)",
      // The last character has four bits beyond the code.
      "mac=m:\(code.dropLast())B", "mac=m:\(code.dropLast())_", "mac=m/:\(code)", "mac=m:m:\(code)",
      "mac=\(String(repeating: "i", count: 33)):\(code)", "sig=m:\(code)", "mac=m:\(signature)",
      "sig=s:\(signature.dropLast())B", "sig=s:\(signature)A", "sig=s:\(signature) mac=m:\(code.dropLast())B",
      "sig=s: mac=m:\(code)", "sig=s:\(signature.dropLast())B mac=m:\(code)",
    ] {
      #expect(verifier.verify(KeyFixture.beat + " " + word) == .refused(.malformed), "\(word)")
    }
    #expect(verifier.verify(KeyFixture.beat + " mac=m:\(code)") == .refused(.wrongMAC))
    // The space may be the first byte: it is then the heartbeat that is none.
    #expect(verifier.verify(" mac=m:\(code)") == .refused(.wrongMAC))
  }

  @Test("1000 bytes can be authentic, 1001 cannot")
  func length() throws {
    let ring = try KeyFixture.ring(Self.mac)
    let seal = try #require(KeyFixture.seal(ring))
    let start = KeyFixture.beat + " a="
    let longest = start + String(repeating: "x", count: 1000 - seal.size - start.utf8.count)
    var verifier = try verifier(Self.mac)
    let payload = try KeyFixture.sealed(longest, by: seal)
    #expect(payload.count == 1000)
    #expect(verifier.verify(payload) == .authenticated(key: 0))
    let longer = Array((longest + "x").utf8)
    let code = longer.withUnsafeBytes {
      ring.secrets.mac(SealContext(group: KeyFixture.group).mac, $0, by: 0)
    }
    var word = [UInt8](repeating: 0, count: 22)
    let bytes = (0..<16).map { code[$0] }
    bytes.withUnsafeBytes { bytes in word.withUnsafeMutableBytes { Base64.encode(bytes, .url, into: $0) } }
    #expect(verifier.verify(longer + Array(" mac=m:".utf8) + word) == .refused(.malformed))
  }

  @Test("signatures without a right mac= are checked within a budget, and behind one always")
  func budget() throws {
    let ring = try KeyFixture.ring("\(Self.publicKey)\n\(Self.mac)")
    var verifier = HeartbeatVerifier(ring, group: KeyFixture.group, now: 0, rate: 2, burst: 3)
    let signed = try sealed(Self.seed)
    let both = try sealed("\(Self.seed)\n\(Self.mac)")
    var forged = signed
    forged[4] ^= 1
    var unknown = signed
    unknown[KeyFixture.beat.utf8.count + 5] = UInt8(ascii: "t")
    // An unknown key, a malformed word and a wrong mac= take nothing of it.
    for _ in 0..<10 {
      #expect(verifier.verify(unknown) == .refused(.unknownKey))
      #expect(verifier.verify(Array(both.dropLast())) == .refused(.malformed))
    }
    for _ in 0..<3 { #expect(verifier.verify(forged) == .refused(.wrongSignature)) }
    #expect(verifier.verify(forged) == .refused(.budgetSpent))
    #expect(verifier.verify(signed) == .refused(.budgetSpent))
    for _ in 0..<10 { #expect(verifier.verify(both) == .signed(key: 1)) }
    // Half a second later there is one more.
    #expect(verifier.verify(signed, now: Self.second / 2 - 1) == .refused(.budgetSpent))
    #expect(verifier.verify(signed, now: Self.second / 2) == .signed(key: 1))
    #expect(verifier.verify(signed, now: Self.second / 2) == .refused(.budgetSpent))
    #expect(verifier.verify(signed, now: .min) == .refused(.budgetSpent))
    #expect(verifier.verify(signed, now: .max) == .signed(key: 1))
  }

  @Test("any of a thousand keys is found by its ID")
  func manyKeys() throws {
    let ids = (0..<512).map { "k\($0)" }
    let file = ids.reversed().map { id in
      "\(id) hmac-sha256 \(KeyFixture.secret)\n\(id) ed25519-public \(KeyFixture.publicKey)\n"
    }
    let ring = try KeyFixture.ring(file.joined())
    #expect(ring.keys.count == 1024)
    var verifier = HeartbeatVerifier(ring, group: KeyFixture.group, now: 0, rate: 0, burst: 512)
    for id in ids {
      let authenticated = verifier.verify(try sealed("\(id) hmac-sha256 \(KeyFixture.secret)"))
      guard case .authenticated(let key) = authenticated else { throw TestStop() }
      #expect(ring.keys[key].id == id && ring.keys[key].algorithm == .hmacSHA256)
      guard case .signed(let key) = verifier.verify(try sealed("\(id) ed25519 \(KeyFixture.secret)")) else {
        throw TestStop()
      }
      #expect(ring.keys[key].id == id && ring.keys[key].algorithm == .ed25519Public)
    }
  }

  private struct TestStop: Error {}
}
