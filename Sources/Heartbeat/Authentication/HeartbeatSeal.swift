// SPDX-License-Identifier: Apache-2.0

import Platform

/// Puts `sig=` and `mac=` at the end of a host's heartbeats to a group: each by the first key of its kind in
/// the file that may sign for the host. `mac=` stands last and covers `sig=`.
package struct HeartbeatSeal: Sendable {
  /// A key and what is the same in all its words.
  private struct Signer {
    let kind: AuthenticationWord.Kind
    /// In the key ring.
    let place: Int
    /// The word up to its code, with the space before it.
    let beginning: [UInt8]

    init?(_ kind: AuthenticationWord.Kind, _ ring: KeyRing, host: UnsafeRawBufferPointer) {
      guard let place = ring.signingPlace(kind, host: host) else { return nil }
      self.kind = kind
      self.place = place
      beginning = Array("\(kind.label)\(ring.keys[place].id):".utf8)
    }

    var size: Int { beginning.count + Base64.encodedCount(kind.codeSize) }

    /// Writes the word, where there is room for it.
    ///
    /// - Parameter code: `codeSize` bytes of it count.
    /// - Returns: Its size.
    func write(
      _ code: UnsafeRawBufferPointer, to buffer: UnsafeMutableRawBufferPointer, at start: Int
    ) -> Int {
      let word = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<(start + size)])
      beginning.withUnsafeBytes { word.copyMemory(from: $0) }
      Base64.encode(
        UnsafeRawBufferPointer(rebasing: code[..<kind.codeSize]), .url,
        into: UnsafeMutableRawBufferPointer(rebasing: word[beginning.count...]))
      return size
    }
  }

  private let secrets: KeySecrets
  private let context: SealContext
  private let signature: Signer?
  private let mac: Signer?

  /// How many bytes each heartbeat grows by, spaces included: 29 to 184. Who composes it leaves as much of
  /// `Heartbeat.largestSize`.
  package let size: Int

  /// A seal for heartbeats of a host to a group.
  ///
  /// - Parameters:
  ///   - group: Where they are sent; the codes are over its text as well (`SealContext`).
  ///   - host: The host's own name as heartbeats have it, for keys with `host=`; may be empty.
  /// - Returns: Nil where no key may sign for the host: all are public, or others'.
  package init?(_ ring: KeyRing, group: Endpoint, host: UnsafeRawBufferPointer) {
    signature = Signer(.signature, ring, host: host)
    mac = Signer(.mac, ring, host: host)
    guard signature != nil || mac != nil else { return nil }
    secrets = ring.secrets
    context = SealContext(group: group)
    size = (signature?.size ?? 0) + (mac?.size ?? 0)
  }

  /// Appends the words. Allocates nothing.
  ///
  /// - Parameters:
  ///   - buffer: Begins with the heartbeat, which does not end in a space.
  ///   - count: Its bytes so far.
  /// - Returns: Its bytes with the words; nil, and nothing is written, where there is no room for them in the
  ///   buffer or in a heartbeat.
  package func append(to buffer: UnsafeMutableRawBufferPointer, after count: Int) -> Int? {
    guard count >= 0, size <= min(buffer.count, Heartbeat.largestSize) - count else { return nil }
    var count = count
    if let signature {
      let covered = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      withUnsafeBytes(of: secrets.signature(context.signature, covered, by: signature.place)) { code in
        count += signature.write(code, to: buffer, at: count)
      }
    }
    if let mac {
      let covered = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      withUnsafeBytes(of: secrets.mac(context.mac, covered, by: mac.place)) { code in
        count += mac.write(code, to: buffer, at: count)
      }
    }
    return count
  }
}
