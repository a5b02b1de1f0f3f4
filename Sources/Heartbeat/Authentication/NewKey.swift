// SPDX-License-Identifier: Apache-2.0

import CSodium

/// A key that nobody has yet, as lines of a file of keys.
package enum NewKey {
  /// The lines, each with its end. Of Ed25519 the seed's, and after a comment that of the public key, so that
  /// all of it may stand in the file of the host that signs.
  ///
  /// - Parameters:
  ///   - time: For the ID. Its date says which of two keys is older, and four random characters tell those of
  ///     a day apart.
  ///   - random: Cryptographically secure, but in a test.
  /// - Returns: Text with a secret in it, which is not in locked memory: for a process that prints it and
  ///   ends. Nil for `ed25519Public`, which is made of a seed.
  package static func lines(
    _ algorithm: KeyAlgorithm, at time: CivilTime, using random: inout some RandomNumberGenerator
  ) -> String? {
    let id = id(at: time, using: &random)
    let secret = (0..<algorithm.lengths.lowerBound).map { _ in UInt8.random(in: 0...255, using: &random) }
    let line = line(id, algorithm, secret)
    switch algorithm {
    case .hmacSHA256: return line
    case .ed25519:
      return line + "# The line below is for those who receive, the one above for this host alone.\n"
        + Self.line(id, .ed25519Public, publicKey(ofSeed: secret))
    case .ed25519Public: return nil
    }
  }

  private static func line(_ id: String, _ algorithm: KeyAlgorithm, _ key: [UInt8]) -> String {
    let text = [UInt8](unsafeUninitializedCapacity: Base64.encodedCount(key.count)) { buffer, count in
      count = buffer.count
      key.withUnsafeBytes { Base64.encode($0, .standard, into: UnsafeMutableRawBufferPointer(buffer)) }
    }
    // With the padding that other programs expect.
    let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
    return "\(id) \(algorithm.rawValue) \(String(decoding: text, as: UTF8.self))\(padding)\n"
  }

  /// `YYYYMMDD-xxxx`, without characters that are mistaken for one another.
  private static func id(at time: CivilTime, using random: inout some RandomNumberGenerator) -> String {
    let characters = Array("23456789abcdefghjkmnpqrstuvwxyz")
    let date = time.description.prefix(10).filter { $0 != "-" }
    return "\(date)-" + String((0..<4).compactMap { _ in characters.randomElement(using: &random) })
  }

  private static func publicKey(ofSeed seed: [UInt8]) -> [UInt8] {
    var key = [UInt8](repeating: 0, count: KeySlots.publicKeySize)
    var secret = [UInt8](repeating: 0, count: Int(crypto_sign_SECRETKEYBYTES))
    crypto_sign_seed_keypair(&key, &secret, seed)
    return key
  }
}
