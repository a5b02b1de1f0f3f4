// SPDX-License-Identifier: Apache-2.0

import CSodium

/// The memory of a `KeySecrets` while it is filled: a slot for each key, and room to decode base64.
struct KeySlots {
  /// HMAC's state with the key in it, which saves two of its blocks for each heartbeat; or an Ed25519 seed
  /// and its public key, of which a key without a secret has the latter alone. A multiple of 16 bytes.
  static let size = MemoryLayout<crypto_auth_hmacsha256_state>.stride
  static let seedSize = Int(crypto_sign_SEEDBYTES)
  static let publicKeySize = Int(crypto_sign_PUBLICKEYBYTES)

  private let slots: UnsafeMutableRawBufferPointer
  private let scratch: UnsafeMutableRawBufferPointer

  /// - Parameters:
  ///   - bytes: Aligned to 16.
  ///   - count: Slots, for all of which there must be room; what is left is to decode in.
  init(_ bytes: UnsafeMutableRawBufferPointer, count: Int) {
    slots = UnsafeMutableRawBufferPointer(rebasing: bytes[..<(count * Self.size)])
    scratch = UnsafeMutableRawBufferPointer(rebasing: bytes[(count * Self.size)...])
  }

  /// Decodes a key into its slot.
  ///
  /// - Parameters:
  ///   - text: In base64, without padding.
  ///   - place: Of the slot.
  ///   - seedLine: For a public key whose slot has a seed already: the number of its line.
  /// - Returns: What is wrong with it; nil for nothing.
  func decode(
    _ text: UnsafeRawBufferPointer, _ algorithm: KeyAlgorithm, into place: Int,
    besideSeedOfLine seedLine: Int?
  ) -> KeyFileFault.Problem? {
    guard let count = Base64.decode(text, .either, into: scratch) else { return .base64 }
    guard algorithm.lengths.contains(count) else { return .length(algorithm, bytes: count) }
    let slot = slots.baseAddress.map { $0 + place * Self.size }
    guard let slot, let key = scratch.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return .memory }
    let publicKey = (slot + Self.seedSize).assumingMemoryBound(to: UInt8.self)
    switch algorithm {
    case .hmacSHA256:
      let state = slot.bindMemory(to: crypto_auth_hmacsha256_state.self, capacity: 1)
      crypto_auth_hmacsha256_init(state, key, count)
    case .ed25519:
      // The secret key of libsodium is the seed and the public key.
      crypto_sign_seed_keypair(publicKey, slot.assumingMemoryBound(to: UInt8.self), key)
    case .ed25519Public:
      // Others have signatures that are good for several messages.
      guard crypto_core_ed25519_is_valid_point(key) == 1 else { return .publicKey }
      if let seedLine {
        guard sodium_memcmp(publicKey, key, count) == 0 else { return .otherPair(line: seedLine) }
      } else {
        publicKey.update(from: key, count: count)
      }
    }
    return nil
  }

  /// Zeroes what was decoded. To be called once, at the end.
  func clear() { sodium_memzero(scratch.baseAddress, scratch.count) }
}
