// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

/// The group of all worlds of readings, and its keys.
enum ReadingsKeys {
  static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
  /// A key for all hosts.
  static let ring = ring("k hmac-sha256 QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\n")
  /// One of the same name, by somebody who does not have it.
  private static let wrongRing = ring("k hmac-sha256 QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=\n")

  static func seal(of name: HostName, isForged: Bool = false) -> HeartbeatSeal? {
    name.withUTF8 { HeartbeatSeal(isForged ? wrongRing : ring, group: group, host: $0) }
  }

  private static func ring(_ line: String) -> KeyRing {
    let bytes = Array(line.utf8)
    let ring = bytes.withUnsafeBytes { try? KeyRing($0) }
    guard let ring else { preconditionFailure("\(line) is a key") }
    return ring
  }

  /// In place of the hash of peers that is seeded for the process.
  static let hash: @Sendable (PeerID) -> UInt64 = { id in
    var hash = StableHash()
    if let name = id.subject.name { name.withUTF8 { hash.mix($0) } }
    hash.mix(id.interface)
    hash.mix(id.via)
    return hash.avalanched
  }
}
