// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat

@Suite("A file of keys")
struct KeyFileTests {
  private static let secret = KeyFixture.secret
  private static let publicKey = KeyFixture.publicKey

  @Test("keys of all kinds are read, with comments, blank lines, blanks and other systems' line ends")
  func accepted() throws {
    let ring = try KeyFixture.ring(
      "\u{20}# Ours.\r\n\r\n\tb\thmac-sha256 \(Self.secret)  host=a.example,B-2\t\r\n"
        + "a ed25519-public \(Self.publicKey)\n#\n\na hmac-sha256 \(Self.secret)\na ed25519 \(Self.secret)")
    #expect(ring.keys.map(\.id) == ["a", "b", "a"])
    #expect(ring.keys.map(\.algorithm) == [.hmacSHA256, .hmacSHA256, .ed25519])
    #expect(ring.keys.map(\.line) == [7, 3, 8])
    let good = ["a.example", "B-2", "b-2", "B-", "", "a"].map { name in
      Array(name.utf8).withUnsafeBytes { ring.keys[1].isGood(for: $0) }
    }
    #expect(good == [true, true, false, false, false, false])
    #expect(ring.description == "a hmac-sha256, b hmac-sha256, a ed25519")
  }

  @Test("base64 is read in both alphabets, with padding and without", arguments: ["", "="])
  func alphabets(padding: String) throws {
    let text = String(repeating: "+/-_", count: 10) + "+/8"
    let ring = try KeyFixture.ring("a hmac-sha256 \(text)\(padding)")
    let same = try KeyFixture.ring(
      "a hmac-sha256 \(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : String($0) }.joined())")
    let payload = try KeyFixture.sealed(by: try #require(KeyFixture.seal(ring)))
    var verifier = HeartbeatVerifier(same, group: KeyFixture.group, now: 0)
    #expect(verifier.verify(payload) == .authenticated(key: 0))
  }

  @Test(
    "a line that is not one of a key is refused, and told by what is wrong with it",
    arguments: [
      ("", .empty), ("#\n\n", .empty), ("a", .words), ("a hmac-sha256", .words),
      ("a hmac-sha256 \(secret) host=b c", .words), ("a/b hmac-sha256 \(secret)", .id),
      ("\(String(repeating: "i", count: 33)) hmac-sha256 \(secret)", .id), ("ü hmac-sha256 \(secret)", .id),
      ("a hmac-sha1 \(secret)", .algorithm), ("a HMAC-SHA256 \(secret)", .algorithm),
      ("hmac-sha256 \(secret) a", .algorithm), ("a hmac-sha256 \(secret)x", .base64),
      ("a hmac-sha256 \(secret)=", .base64), ("a hmac-sha256 ====", .base64), ("a hmac-sha256 Q", .base64),
      ("a hmac-sha256 \(secret.dropLast(2))F", .base64), ("a hmac-sha256 QU*B", .base64),
      ("a hmac-sha256 QUE=", .length(.hmacSHA256, bytes: 2)),
      ("a hmac-sha256 \(String(repeating: "A", count: 40))AA", .length(.hmacSHA256, bytes: 31)),
      ("a ed25519 \(String(repeating: "A", count: 44))", .length(.ed25519, bytes: 33)),
      ("a ed25519-public QUFB", .length(.ed25519Public, bytes: 3)),
      // The identity, and a point whose coordinate is not below the prime: of small order, or none.
      ("a ed25519-public AQ\(String(repeating: "A", count: 41))", .publicKey),
      ("a ed25519-public \(String(repeating: "_", count: 42))8", .publicKey),
      ("a hmac-sha256 \(secret) hosts=a", .hosts), ("a hmac-sha256 \(secret) host=", .hosts),
      ("a hmac-sha256 \(secret) host=10.0.0.5", .hosts),
      ("a hmac-sha256 \(secret) host=a,", .hosts), ("a hmac-sha256 \(secret) host=-a", .hosts),
      ("a hmac-sha256 \(secret) host=a_b", .hosts), ("a hmac-sha256 \(secret) # old", .words),
      ("a hmac-sha256 \(secret) #old", .hosts),
      ("a hmac-sha256 \(secret) host=\(String(repeating: "h", count: 64))", .hosts),
    ] as [(String, KeyFileFault.Problem)])
  func refused(line: String, problem: KeyFileFault.Problem) {
    #expect(KeyFixture.faults(line).map(\.problem) == [problem])
    let isLine = problem != .empty
    #expect(KeyFixture.faults("# x\n\(line)").map(\.line) == [isLine ? 2 : 0])
  }

  @Test("an ID is of one key of a kind, or of a pair")
  func identities() {
    let mac = "a hmac-sha256 \(Self.secret)"
    let seed = "a ed25519 \(Self.secret)"
    let publicKey = "a ed25519-public \(Self.publicKey)"
    let other = "a ed25519 \(String(repeating: "B", count: 42))A"
    #expect(KeyFixture.faults([mac, seed, publicKey].joined(separator: "\n")) == [])
    #expect(
      KeyFixture.faults([mac, seed, mac, seed].joined(separator: "\n")) == [
        KeyFileFault(line: 3, problem: .repeated(line: 1)),
        KeyFileFault(line: 4, problem: .repeated(line: 2)),
      ])
    #expect(
      KeyFixture.faults([publicKey, other].joined(separator: "\n")) == [
        KeyFileFault(line: 1, problem: .otherPair(line: 2))
      ])
    // A public key beside a seed that cannot be read is judged by itself.
    #expect(
      KeyFixture.faults([publicKey, "a ed25519 QUFB"].joined(separator: "\n")) == [
        KeyFileFault(line: 2, problem: .length(.ed25519, bytes: 3))
      ])
  }

  @Test("every fault is told, up to 32, in the order of lines")
  func allFaults() {
    let faults = KeyFixture.faults(
      "a x \(Self.secret)\nb hmac-sha256 QUE=\nc\nd hmac-sha256 \(Self.secret)\n")
    #expect(faults.map(\.line) == [1, 2, 3])
    #expect(faults.map(\.problem) == [.algorithm, .length(.hmacSHA256, bytes: 2), .words])
    do {
      _ = try KeyFixture.ring(String(repeating: "x\n", count: 100))
      Issue.record("accepted")
    } catch {
      let error = error as? KeyFileError
      #expect(error?.faults.map(\.line) == Array(1...32))
      #expect(error?.furtherCount == 68)
      #expect(error?.lines.count == 33)
    }
  }

  @Test("64 KiB and 1024 keys are accepted, and no more")
  func limits() throws {
    let keys = (0..<1024).map { "\($0) hmac-sha256 \(Self.secret)\n" }.joined()
    let full = keys + "#" + String(repeating: "x", count: KeyFile.largestSize - keys.utf8.count - 1)
    #expect(try KeyFixture.ring(full).keys.count == 1024)
    #expect(KeyFixture.faults(full + "x") == [KeyFileFault(line: 0, problem: .tooLarge)])
    #expect(KeyFixture.faults(keys + "x hmac-sha256 \(Self.secret)").map(\.problem) == [.tooMany])
  }

  @Test("no bytes trap")
  func mutations() {
    var random = SeededRandom(testSeed: 13)
    let seed = Array(
      """
      # Keys
      a hmac-sha256 \(Self.secret) host=alpha,beta
      a ed25519 \(Self.secret)
      a ed25519-public \(Self.publicKey) host=alpha

      """.utf8)
    let alphabet = Array(" \t\r\n#=,+/-_.:host".utf8) + [0, 127, 128, 255]
    var accepted = 0
    for _ in 0..<5000 {
      var bytes = seed
      for _ in 0...random.below(3) {
        let place = random.below(bytes.count + 1)
        switch random.below(4) {
        case 0: bytes.insert(alphabet[random.below(alphabet.count)], at: place)
        case 1 where place < bytes.count: bytes.remove(at: place)
        case 2: bytes.removeLast(min(random.below(8), bytes.count))
        default: if place < bytes.count { bytes[place] = alphabet[random.below(alphabet.count)] }
        }
      }
      let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
      do {
        accepted += try KeyFixture.ring(bytes).keys.isEmpty ? 0 : 1
      } catch {
        let faults = (error as? KeyFileError)?.faults ?? []
        #expect(!faults.isEmpty && faults.allSatisfy { 0...lines ~= $0.line })
      }
    }
    #expect(100..<4900 ~= accepted)
  }
}
