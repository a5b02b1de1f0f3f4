// SPDX-License-Identifier: Apache-2.0

import Platform
import Testing

@testable import Heartbeat

/// Keys and heartbeats of the tests of authentication.
enum KeyFixture {
  static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  /// 32 times `A`, in base64.
  static let secret = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
  /// The public key of `secret` as a seed, by Python's `cryptography`.
  static let publicKey = "25lf4lFp0UHKubu6krqgH58uHs599MsqwFGQ83/MH50="

  /// A heartbeat with some words.
  static let beat = "ATU 2026-11-22 07:25:09.195112 host=alpha run=7 seq=17 every=1s"

  static func ring(_ text: String) throws -> KeyRing { try ring(Array(text.utf8)) }

  static func ring(_ bytes: [UInt8]) throws -> KeyRing {
    // `withUnsafeBytes` of an array rethrows without the type.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: bytes)
    return try KeyRing(UnsafeRawBufferPointer(buffer))
  }

  /// What is wrong with a file.
  static func faults(_ text: String) -> [KeyFileFault] {
    do {
      _ = try ring(text)
      return []
    } catch {
      return (error as? KeyFileError)?.faults ?? []
    }
  }

  static func seal(_ ring: KeyRing, group: Endpoint = group, host: String = "alpha") -> HeartbeatSeal? {
    Array(host.utf8).withUnsafeBytes { HeartbeatSeal(ring, group: group, host: $0) }
  }

  /// A heartbeat with the words of a seal.
  static func sealed(_ beat: String = beat, by seal: HeartbeatSeal) throws -> [UInt8] {
    try sealed(Array(beat.utf8), by: seal)
  }

  static func sealed(_ beat: [UInt8], by seal: HeartbeatSeal) throws -> [UInt8] {
    var buffer = beat + [UInt8](repeating: 0, count: Heartbeat.largestSize)
    let count = try #require(buffer.withUnsafeMutableBytes { seal.append(to: $0, after: beat.count) })
    return Array(buffer[..<count])
  }
}

extension HeartbeatVerifier {
  /// Of a datagram of a host.
  mutating func verify(_ payload: [UInt8], host: String = "alpha", now: Int64 = 0) -> Authentication {
    payload.withUnsafeBytes { payload in
      Array(host.utf8).withUnsafeBytes { verify(payload, host: $0, now: now) }
    }
  }

  mutating func verify(_ payload: String, host: String = "alpha", now: Int64 = 0) -> Authentication {
    verify(Array(payload.utf8), host: host, now: now)
  }
}
