// SPDX-License-Identifier: Apache-2.0

import CSodium
import Platform

/// Says what the heartbeats of a group prove. Of what is known of a heartbeat it is asked last: `Freshness`
/// and `ReplayWindow` cost less, and a datagram that was recorded and is sent again passes here.
///
/// In a datagram it looks at length, form, ID, `mac=` and `sig=`, in this order, and ends with the first that
/// is wrong. A signature takes 20 times as long as all the rest: without a `mac=` that is right a number of
/// them a second is checked, and no more, so that a flood of forged ones costs no more either. Who has to be
/// heard in such a flood sends a `mac=`.
package struct HeartbeatVerifier: Sendable {
  /// Signatures without a right `mac=` that are checked: 200 a second take about 1 % of a processor.
  package static let signatureRate = 200.0
  /// The same at once.
  package static let signatureBurst = 400.0

  private let ring: KeyRing
  private let context: SealContext
  private var budget: TokenBucket

  /// A verifier for a group.
  ///
  /// - Parameters:
  ///   - group: Where the heartbeats were sent to.
  ///   - now: CLOCK_MONOTONIC in nanoseconds.
  ///   - rate: Signatures a second that are checked without a right `mac=`.
  ///   - burst: The same at once.
  package init(
    _ ring: KeyRing, group: Endpoint, now: Int64, rate: Double = signatureRate, burst: Double = signatureBurst
  ) {
    self.ring = ring
    context = SealContext(group: group)
    budget = TokenBucket(rate: rate, capacity: burst, now: now)
  }

  /// Whether a heartbeat ends in a code, right or wrong: what has none claims nothing.
  package static func carriesCode(_ payload: UnsafeRawBufferPointer) -> Bool {
    do throws(Authentication.Refusal) {
      let mac = try AuthenticationWord.last(.mac, of: payload, before: payload.count)
      let signature = try AuthenticationWord.last(.signature, of: payload, before: payload.count)
      return mac != nil || signature != nil
    } catch {
      return true
    }
  }

  /// What a heartbeat proves. Allocates nothing, and no bytes make it trap.
  ///
  /// - Parameters:
  ///   - payload: The whole datagram, which was found to be a heartbeat.
  ///   - host: The name that the heartbeat gives itself, for keys with `host=`; empty where it gives none.
  ///   - now: CLOCK_MONOTONIC in nanoseconds.
  package mutating func verify(
    _ payload: UnsafeRawBufferPointer, host: UnsafeRawBufferPointer, now: Int64
  ) -> Authentication {
    do throws(Authentication.Refusal) {
      return try judge(payload, host: host, now: now)
    } catch {
      return .refused(error)
    }
  }

  private mutating func judge(
    _ payload: UnsafeRawBufferPointer, host: UnsafeRawBufferPointer, now: Int64
  ) throws(Authentication.Refusal) -> Authentication {
    guard payload.count <= Heartbeat.largestSize else { throw .malformed }
    let mac = try Claim(.mac, in: payload, before: payload.count)
    let signature = try Claim(.signature, in: payload, before: mac?.word.start ?? payload.count)
    guard mac != nil || signature != nil else { return .none }
    let macKey = try key(of: mac, .mac, in: payload, host: host)
    let signatureKey = try key(of: signature, .signature, in: payload, host: host)

    if let mac, let macKey, !isRight(mac, in: payload, by: macKey) { throw .wrongMAC }
    if let signature, let signatureKey {
      guard macKey != nil || budget.take(now: now) else { throw .budgetSpent }
      let covered = UnsafeRawBufferPointer(rebasing: payload[..<signature.word.start])
      guard ring.secrets.isRight(signature.code, context.signature, covered, by: signatureKey) else {
        throw .wrongSignature
      }
      return .signed(key: signatureKey)
    }
    guard let macKey else { throw .unknownKey }
    return .authenticated(key: macKey)
  }

  /// A word and its code.
  private struct Claim {
    let word: AuthenticationWord
    /// As many bytes as the kind of word has.
    let code: InlineArray<64, UInt8>

    /// - Returns: Nil where something else stands before `end`.
    init?(
      _ kind: AuthenticationWord.Kind, in payload: UnsafeRawBufferPointer, before end: Int
    ) throws(Authentication.Refusal) {
      guard let word = try AuthenticationWord.last(kind, of: payload, before: end) else { return nil }
      let text = UnsafeRawBufferPointer(rebasing: payload[word.code])
      var code = InlineArray<64, UInt8>(repeating: 0)
      let size = withUnsafeMutableBytes(of: &code) { Base64.decode(text, .url, into: $0) }
      guard size == kind.codeSize else { throw .malformed }
      self.word = word
      self.code = code
    }
  }

  /// The place of a claim's key; nil where we do not have it.
  private func key(
    of claim: Claim?, _ kind: AuthenticationWord.Kind, in payload: UnsafeRawBufferPointer,
    host: UnsafeRawBufferPointer
  ) throws(Authentication.Refusal) -> Int? {
    guard let claim,
      let place = ring.place(of: UnsafeRawBufferPointer(rebasing: payload[claim.word.id]), kind)
    else { return nil }
    guard ring.keys[place].isGood(for: host) else { throw .keyOfOtherHost }
    return place
  }

  /// Whether a claim's MAC is the one that its key makes. In constant time, so that how long it takes tells
  /// no forger how much of it was right.
  private func isRight(_ claim: Claim, in payload: UnsafeRawBufferPointer, by key: Int) -> Bool {
    let covered = UnsafeRawBufferPointer(rebasing: payload[..<claim.word.start])
    let code = ring.secrets.mac(context.mac, covered, by: key)
    return withUnsafeBytes(of: code) { made in
      withUnsafeBytes(of: claim.code) { claimed in
        guard let made = made.baseAddress, let claimed = claimed.baseAddress else { return false }
        return sodium_memcmp(made, claimed, KeySecrets.macSize) == 0
      }
    }
  }
}
