// SPDX-License-Identifier: Apache-2.0

import CSodium

/// What keys are made of, in locked memory, and all that is computed with it. A code is over two parts, one
/// after the other: the prefix of a `SealContext` and the bytes of a heartbeat.
///
/// What libsodium keeps on the stack while it computes it zeroes; the copy of HMAC's state is zeroed here.
struct KeySecrets: Sendable {
  /// Bytes of `mac=`: HMAC-SHA256 truncated to 128 bits (RFC 2104, section 5).
  static let macSize = 16
  /// Bytes of `sig=` (RFC 8032, section 5.1.6).
  static let signatureSize = Int(crypto_sign_BYTES)

  private let memory: LockedMemory

  /// - Parameters:
  ///   - count: Slots.
  ///   - scratch: Bytes to decode in.
  ///   - body: Fills the slots.
  /// - Returns: Nil when there is no memory left.
  /// - Throws: What `body` throws.
  init?(
    count: Int, scratch: Int, filledBy body: (KeySlots) throws(KeyFileError) -> Void
  ) throws(KeyFileError) {
    // A multiple of 16 aligns the first slot.
    let capacity = count * KeySlots.size + (scratch + 15) / 16 * 16
    let memory = try LockedMemory(capacity: capacity) { (bytes) throws(KeyFileError) in
      let slots = KeySlots(bytes, count: count)
      defer { slots.clear() }
      try body(slots)
      return count * KeySlots.size
    }
    guard let memory else { return nil }
    self.memory = memory
  }

  /// The code of `mac=`, of the slot of a key of HMAC: `macSize` bytes of it count.
  func mac(_ prefix: [UInt8], _ bytes: UnsafeRawBufferPointer, by slot: Int) -> InlineArray<32, UInt8> {
    var state = crypto_auth_hmacsha256_state()
    defer { sodium_memzero(&state, KeySlots.size) }
    withSlot(slot) { prepared in
      withUnsafeMutableBytes(of: &state) {
        $0.copyMemory(from: UnsafeRawBufferPointer(start: prepared, count: KeySlots.size))
      }
    }
    crypto_auth_hmacsha256_update(&state, prefix, UInt64(prefix.count))
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    crypto_auth_hmacsha256_update(&state, start, UInt64(bytes.count))
    var code = InlineArray<32, UInt8>(repeating: 0)
    withUnsafeMutablePointer(to: &code) { code in
      let bytes = UnsafeMutableRawPointer(code).assumingMemoryBound(to: UInt8.self)
      _ = crypto_auth_hmacsha256_final(&state, bytes)
    }
    return code
  }

  /// The signature of `sig=`, of the slot of a key with a seed.
  func signature(_ prefix: [UInt8], _ bytes: UnsafeRawBufferPointer, by slot: Int) -> InlineArray<64, UInt8> {
    var signature = InlineArray<64, UInt8>(repeating: 0)
    withMessage(prefix, bytes) { message, count in
      withUnsafeMutablePointer(to: &signature) { signature in
        let bytes = UnsafeMutableRawPointer(signature).assumingMemoryBound(to: UInt8.self)
        withSlot(slot) { _ = crypto_sign_detached(bytes, nil, message, UInt64(count), $0) }
      }
    }
    return signature
  }

  /// Whether a signature is right by the slot of a key of Ed25519, with a seed or without. libsodium refuses
  /// a second form of one that is (RFC 8032, section 8.4).
  func isRight(
    _ signature: InlineArray<64, UInt8>, _ prefix: [UInt8], _ bytes: UnsafeRawBufferPointer, by slot: Int
  ) -> Bool {
    withMessage(prefix, bytes) { message, count in
      withUnsafePointer(to: signature) { signature in
        let bytes = UnsafeRawPointer(signature).assumingMemoryBound(to: UInt8.self)
        return withSlot(slot) { slot in
          crypto_sign_verify_detached(bytes, message, UInt64(count), slot + KeySlots.seedSize) == 0
        }
      }
    }
  }

  private func withSlot<Result>(_ slot: Int, _ body: (UnsafePointer<UInt8>) -> Result) -> Result {
    let start = slot * KeySlots.size
    return memory.withUnsafeBytes(in: start..<(start + KeySlots.size), body)
  }

  /// Calls `body` with the two parts in one piece, as Ed25519 takes them, on the stack. What is longer than a
  /// heartbeat is cut off; callers refuse it before.
  private func withMessage<Result>(
    _ prefix: [UInt8], _ bytes: UnsafeRawBufferPointer, _ body: (UnsafePointer<UInt8>, Int) -> Result
  ) -> Result {
    var message = InlineArray<1152, UInt8>(repeating: 0)
    let count = min(prefix.count + bytes.count, MemoryLayout.size(ofValue: message))
    return withUnsafeMutablePointer(to: &message) { message in
      let raw = UnsafeMutableRawPointer(message)
      let buffer = UnsafeMutableRawBufferPointer(start: raw, count: count)
      prefix.withUnsafeBytes { buffer.copyMemory(from: $0) }
      UnsafeMutableRawBufferPointer(rebasing: buffer[prefix.count...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<(count - prefix.count)]))
      return body(UnsafePointer(raw.assumingMemoryBound(to: UInt8.self)), count)
    }
  }
}
