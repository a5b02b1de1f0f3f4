// SPDX-License-Identifier: Apache-2.0

/// What a key is for, by the second word of its line.
package enum KeyAlgorithm: String, CaseIterable, Sendable {
  /// HMAC-SHA256 (RFC 2104, FIPS 180-4), truncated to 128 bits: `mac=`. Who can check it can also make it.
  case hmacSHA256 = "hmac-sha256"
  /// Ed25519 (RFC 8032), the secret seed: `sig=` is made with it, and checked.
  case ed25519 = "ed25519"
  /// Ed25519, the public key: `sig=` is checked with it.
  case ed25519Public = "ed25519-public"

  /// Those of a secret, of which there can be a new one.
  package static let secrets: [KeyAlgorithm] = [.hmacSHA256, .ed25519]

  /// Their names, as alternatives.
  package static let secretNames = secrets.map(\.rawValue).joined(separator: " or ")

  /// The lengths of a key, in bytes. A new one has the shortest.
  package var lengths: ClosedRange<Int> {
    switch self {
    // A shorter one than the hash would be the weakest part (RFC 2104, section 3).
    case .hmacSHA256: 32...KeyFile.largestSize
    case .ed25519, .ed25519Public: 32...32
    }
  }
}
