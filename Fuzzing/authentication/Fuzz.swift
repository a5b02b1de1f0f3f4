// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

private let group = Endpoint(.unspecified(.ipv4), port: 5001)
private let key = String(repeating: "A", count: 43)

private let ring: KeyRing? = {
  let file = Array("a hmac-sha256 \(key)\na ed25519 \(key)\nb hmac-sha256 \(key) host=b\n".utf8)
  return file.withUnsafeBytes { try? KeyRing($0) }
}()

/// No datagram crashes the verifier, and none is authentic as it comes; sealed, if there is room, each is.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard let ring,
    let seal = HeartbeatSeal(ring, group: group, host: UnsafeRawBufferPointer(start: nil, count: 0))
  else { fatalError("no keys") }
  let payload = UnsafeRawBufferPointer(start: bytes, count: count)
  var verifier = HeartbeatVerifier(ring, group: group, now: 0)
  switch verifier.verify(payload, host: payload, now: 0) {
  case .authenticated, .signed: preconditionFailure("accepted")
  case .none, .refused: break
  }
  var sealed = [UInt8](payload) + [UInt8](repeating: 0, count: seal.size)
  let size = sealed.withUnsafeMutableBytes { seal.append(to: $0, after: count) }
  precondition((size != nil) == (count + seal.size <= Heartbeat.largestSize))
  guard let size else { return 0 }
  let verdict = sealed.withUnsafeBytes { verifier.verify($0, host: payload, now: 0) }
  guard size == sealed.count, case .signed = verdict else { preconditionFailure("refused") }
  return 0
}
