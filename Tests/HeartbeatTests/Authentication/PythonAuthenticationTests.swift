// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform
import TestSupport
import Testing

@testable import Heartbeat

/// An independent implementation: Python's `hmac`, and the Ed25519 of OpenSSL by the PyPI package
/// `cryptography`.
@Suite("Python", .enabled(if: PythonCryptography.runs, PythonCryptography.need))
struct PythonAuthenticationTests {
  /// A line for each case: group, file of keys with `|` for a line end, heartbeat with its words.
  private static let common = """
    import base64, hashlib, hmac, random, sys
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    def url(code): return base64.urlsafe_b64encode(code).rstrip(b"=")
    def context(domain, group): return domain + b"\\0" + group.encode() + b"\\0"
    def mac(key, group, covered):
        return hmac.new(key, context(b"mcastd 1", group) + covered, hashlib.sha256).digest()[:16]
    """

  @Test("what Python seals is accepted")
  func fromPython() throws {
    let seed = SeededRandom.seed(default: 16)
    let script =
      Self.common + """

        r = random.Random(\(seed))
        for number in range(200):
            group = r.choice(["239.1.1.1:5001", "239.255.0.7:65535", "[ff15::1]:5001", "[ff02::1:2:3]:1"])
            secret, signer = r.randbytes(r.choice([32, 33, 64, 65, 200])), Ed25519PrivateKey.from_private_bytes(r.randbytes(32))
            public = signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            beat = b"ATU 2026-11-22 07:25:09.195112 host=alpha" + b"".join(
                b" k%d=%s" % (n, url(r.randbytes(r.randrange(1, 60)))) for n in range(r.randrange(8)))
            keys = []
            if number % 3 != 1:
                beat += b" sig=s.%d:" % number + url(signer.sign(context(b"mcastd 1 sig", group) + beat))
                keys.append("s.%d ed25519-public %s" % (number, base64.b64encode(public).decode()))
            if number % 3 != 0:
                beat += b" mac=m-%d:" % number + url(mac(secret, group, beat))
                keys.append("m-%d hmac-sha256 %s" % (number, base64.b64encode(secret).decode()))
            print(group, "|".join(keys), beat.decode(), sep="\\t")
        """
    let output = try Command.run(["python3", "-c", script])
    #expect(output.status == 0, "\(output)")
    let lines = output.output.split(separator: "\n")
    #expect(lines.count == 200)
    for line in lines {
      let parts = line.split(separator: "\t").map(String.init)
      try #require(parts.count == 3)
      let ring = try KeyFixture.ring(parts[1].split(separator: "|").joined(separator: "\n"))
      var verifier = HeartbeatVerifier(ring, group: try endpoint(parts[0]), now: 0)
      let isSigned = ring.keys.last?.algorithm == .ed25519Public
      #expect(
        verifier.verify(parts[2])
          == (isSigned ? .signed(key: ring.keys.count - 1) : .authenticated(key: 0)), "\(line)")
    }
  }

  @Test("what is sealed here is accepted by Python")
  func toPython() throws {
    var random = SeededRandom(testSeed: 17)
    var cases = ""
    for number in 0..<200 {
      let group = ["239.1.1.1:5001", "[ff15::1]:5001"][random.below(2)]
      let algorithms = [[KeyAlgorithm.hmacSHA256], [.ed25519], [.hmacSHA256, .ed25519]][number % 3]
      let file = algorithms.compactMap { NewKey.lines($0, at: .earliest, using: &random) }.joined()
      let beat = KeyFixture.beat + " a=" + String(repeating: "x", count: 1 + random.below(700))
      let seal = try #require(KeyFixture.seal(try KeyFixture.ring(file), group: try endpoint(group)))
      let payload = String(decoding: try KeyFixture.sealed(beat, by: seal), as: UTF8.self)
      cases += "\(group)\t\(file.split(separator: "\n").joined(separator: "|"))\t\(payload)\n"
    }
    let directory = try TemporaryDirectory()
    let path = try directory.write("cases", cases)
    let script =
      Self.common + """

        def code(text): return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
        right = 0
        for line in open(sys.argv[1], "rb").read().splitlines():
            group, file, beat = line.split(b"\\t")
            words = [key.split() for key in file.split(b"|") if not key.startswith(b"#")]
            keys = {(kind, id): base64.b64decode(key) for id, kind, key in words}
            for kind, label in ((b"hmac-sha256", b"mac"), (b"ed25519-public", b"sig")):
                for id in (id for algorithm, id in keys if algorithm == kind):
                    beat, word = beat.rsplit(b" ", 1)
                    assert word.startswith(label + b"=" + id + b":"), word
                    found = code(word.split(b":")[1])
                    if label == b"mac":
                        assert found == mac(keys[kind, id], group.decode(), beat)
                    else:
                        text = context(b"mcastd 1 sig", group.decode()) + beat
                        Ed25519PublicKey.from_public_bytes(keys[kind, id]).verify(found, text)
                    right += 1
        print(right)
        """
    let output = try Command.run(["python3", "-c", script, path])
    // Every third has both words.
    #expect(output.output == "266\n", "\(output)")
  }

  private func endpoint(_ text: String) throws -> Endpoint {
    let colon = try #require(text.lastIndex(of: ":"))
    let address = text[..<colon].filter { $0 != "[" && $0 != "]" }
    let port = try #require(UInt16(text[text.index(after: colon)...]))
    return Endpoint(try #require(IPAddress(address)), port: port)
  }
}

enum PythonCryptography {
  static let need: Comment = "needs python3 with the PyPI package cryptography (packaging/test-python)"

  /// Whether it is there; where tests must not be skipped they run, and fail without it.
  static let runs: Bool =
    getenv("MCASTD_REQUIRE_SYSTEM_TESTS").map { String(cString: $0) } == "1"
    || (try? Command.run(["python3", "-c", "import cryptography"]))?.status == 0
}
