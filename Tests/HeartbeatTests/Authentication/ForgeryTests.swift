// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform
import TestSupport
import Testing

@testable import Heartbeat

/// Whatever is done to an authentic heartbeat, it is not authentic any more. `MCASTD_FORGERIES` says how many
/// are tried: a million takes a minute in a release build.
@Suite("Forgeries")
struct ForgeryTests {
  private static let rounds =
    getenv("MCASTD_FORGERIES").flatMap { Int(String(cString: $0)) } ?? 10_000

  /// Hosts, of which each has a key of its own, and a key that all have.
  private static let hosts = ["alpha", "beta", "gamma"]

  private struct Sender {
    var file: String
    var host: String
    var group: Endpoint
  }

  @Test("what was changed, cut, put together or sent elsewhere is refused, and the rest accepted")
  func forgeries() throws {
    var random = SeededRandom(testSeed: 11)
    let otherGroup = Endpoint(KeyFixture.group.address, port: 5002)
    var (receivers, senders) = ("", [Sender]())
    for host in Self.hosts {
      for algorithm in KeyAlgorithm.secrets {
        let lines = try #require(NewKey.lines(algorithm, at: .earliest, using: &random))
          .split(separator: "\n")
        let (own, known) = (try #require(lines.first), try #require(lines.last))
        receivers += "\(known) host=\(host)\n"
        for group in [KeyFixture.group, otherGroup] {
          senders.append(Sender(file: String(own), host: host, group: group))
        }
      }
    }
    let stranger = try #require(NewKey.lines(.hmacSHA256, at: .earliest, using: &random))
    senders.append(Sender(file: stranger, host: "alpha", group: KeyFixture.group))

    let authentic = try payloads(of: senders.filter { $0.group == KeyFixture.group && $0.file != stranger })
    let others = try payloads(of: senders.filter { $0.group != KeyFixture.group || $0.file == stranger })
    var verifier = HeartbeatVerifier(
      try KeyFixture.ring(receivers), group: KeyFixture.group, now: 0, rate: 1e12, burst: 1e12)
    let known = Set(authentic.map(\.payload))
    for (host, payload) in authentic {
      #expect(verifier.verify(payload, host: host).isAccepted)
      for other in Self.hosts where other != host {
        #expect(verifier.verify(payload, host: other) == .refused(.keyOfOtherHost))
      }
    }
    for (host, payload) in others { #expect(!verifier.verify(payload, host: host).isAccepted) }

    var refused: [Authentication: Int] = [:]
    for _ in 0..<Self.rounds {
      let (host, payload) = authentic[random.below(authentic.count)]
      let forged = forge(payload, from: (authentic + others).map(\.payload), using: &random)
      let result = verifier.verify(forged, host: host)
      refused[result, default: 0] += 1
      guard known.contains(forged) || !result.isAccepted else {
        Issue.record("accepted: \(String(decoding: forged, as: UTF8.self))")
        return
      }
      // What was not changed is still accepted.
      guard verifier.verify(payload, host: host).isAccepted else {
        Issue.record("refused: \(String(decoding: payload, as: UTF8.self))")
        return
      }
    }
    // The forgeries get as far as each of the checks.
    for reason: Authentication.Refusal in [
      .malformed, .unknownKey, .keyOfOtherHost, .wrongMAC, .wrongSignature,
    ] {
      #expect(refused[.refused(reason), default: 0] > 0, "\(reason)")
    }
  }

  private func payloads(of senders: [Sender]) throws -> [(host: String, payload: [UInt8])] {
    try senders.flatMap { sender in
      let ring = try KeyFixture.ring(sender.file)
      let seal = try #require(KeyFixture.seal(ring, group: sender.group, host: sender.host))
      return try (0..<8).map { seq in
        let beat = "ATU 2026-11-22 07:25:09.195112 host=\(sender.host) run=1 seq=\(seq) note=\"a b\" every=1s"
        return (sender.host, try KeyFixture.sealed(beat, by: seal))
      }
    }
  }

  /// A payload with something done to it; now and then nothing.
  private func forge(
    _ payload: [UInt8], from others: [[UInt8]], using random: inout SeededRandom
  ) -> [UInt8] {
    let other = others[random.below(others.count)]
    let (end, otherEnd) = (wordStart(payload), wordStart(other))
    var forged = payload
    switch random.below(8) {
    case 0: forged[random.below(forged.count)] ^= 1 << UInt8(random.below(8))
    case 1: forged.removeLast(random.below(forged.count))
    case 2: forged.removeFirst(1 + random.below(forged.count))
    case 3: forged = Array(payload[..<end] + other[otherEnd...])
    case 4: forged.insert(UInt8(truncatingIfNeeded: random.next()), at: random.below(forged.count + 1))
    case 5: forged = Array(payload[..<random.below(payload.count)] + other[random.below(other.count)...])
    case 6:
      let places = (random.below(end), random.below(end))
      forged.swapAt(places.0, places.1)
    default:
      // Another character of the code, which is again of its alphabet.
      let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
      forged[forged.count - 1 - random.below(22)] = alphabet[random.below(64)]
    }
    return forged
  }

  private func wordStart(_ payload: [UInt8]) -> Int {
    payload.lastIndex(of: UInt8(ascii: " ")) ?? payload.count
  }

  @Test("no bytes trap, and none without a key are accepted")
  func randomBytes() throws {
    var random = SeededRandom(testSeed: 12)
    var verifier = HeartbeatVerifier(
      try KeyFixture.ring("m hmac-sha256 \(KeyFixture.secret)\ns ed25519-public \(KeyFixture.publicKey)"),
      group: KeyFixture.group, now: 0)
    let parts = [" mac=m:", " sig=s:", " mac=", " ", "\"", ":", String(repeating: "A", count: 22), "ATU"]
    for _ in 0..<Self.rounds {
      var payload: [UInt8] = []
      while random.below(6) > 0 {
        if random.below(3) == 0 {
          payload += (0..<random.below(300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        } else {
          payload += Array(parts[random.below(parts.count)].utf8)
        }
      }
      let result = verifier.verify(payload)
      guard !result.isAccepted else {
        Issue.record("accepted: \(payload)")
        return
      }
    }
  }
}

extension Authentication {
  fileprivate var isAccepted: Bool {
    switch self {
    case .authenticated, .signed: true
    case .none, .refused: false
    }
  }
}
