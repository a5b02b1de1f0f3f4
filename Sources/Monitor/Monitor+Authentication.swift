// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

extension Monitor {
  /// What heartbeats of the group have to prove.
  package struct AuthenticationPolicy: Sendable {
    package var mode: AuthenticationMode
    /// Nil where the mode is off.
    package var keys: KeyRing?

    package init(mode: AuthenticationMode, keys: KeyRing?) {
      self.mode = mode
      self.keys = keys
    }

    package static var off: AuthenticationPolicy { AuthenticationPolicy(mode: .off, keys: nil) }
  }

  /// Asks what a datagram proves, before it is given to `handle`.
  ///
  /// - Parameters:
  ///   - payload: Of the datagram.
  ///   - datagram: Gets its `proof`, where heartbeats are authenticated and it is one.
  package mutating func authenticate(
    _ payload: UnsafeRawBufferPointer, as datagram: inout Datagram, at now: Int64
  ) {
    guard gate != nil, let outline = datagram.outline else { return }
    guard datagram.origin == .peer else {
      datagram.proof = gate?.judgeOwn(payload, outline.said, now: now)
      return
    }
    let beat = HeartbeatGate.Candidate(
      payload: payload, said: outline.said ?? Announcement(),
      peer: PeerID(outline.said, from: datagram.source.address, interface: datagram.interface),
      sent: liveness.sentMicroseconds(outline.stamp), received: datagram.received / 1000)
    guard let finding = gate?.judge(beat, now: now) else { return }
    (datagram.proof, datagram.standing) = (finding.proof, finding.standing)
    // Where not all are sealed yet, those without a code are nothing to be told of.
    guard let reason = finding.reason, mode == .require || reason != .noCode else { return }
    refusals.add(reason, from: datagram.source.address, now: now)
  }

  /// Whether a datagram counts for nothing; so does a heartbeat while there is no gate to judge it, as
  /// between another group and its keys.
  func isRefused(_ datagram: Datagram) -> Bool {
    guard mode == .require, datagram.origin == .peer, datagram.outline != nil else { return false }
    return datagram.proof?.isAuthentic != true
  }

  /// Authenticates with other keys from now on; what was accepted stays accepted.
  mutating func apply(_ policy: AuthenticationPolicy, at now: Int64) {
    mode = policy.mode
    acceptedBefore = accepted
    gate = nil
    guard let keys = policy.keys, mode != .off, let group else { return }
    gate = HeartbeatGate(keys, group: group, accepted: acceptedBefore, now: now)
    acceptedBefore = AcceptedHeartbeats(capacity: acceptedBefore.capacity)
  }

  /// Which authentic heartbeats were accepted of whom.
  package var accepted: AcceptedHeartbeats { gate?.accepted ?? acceptedBefore }

  /// What was refused, and whose clocks are off.
  mutating func toldRefusals(now: Int64) -> [Directive] {
    guard let group else { return [] }
    var directives: [Directive] = []
    if let refused = refusals.take(now: now) {
      directives.append(.tell(.receiving(.notAuthentic(refused, isRefused: mode == .require), group: group)))
    }
    if let clocks = gate?.takeClocks(), !clocks.isEmpty {
      if !clocks.off.isEmpty {
        directives.append(.tell(.receiving(.clocksOff(clocks.off, more: clocks.moreOff), group: group)))
      }
      if !clocks.right.isEmpty {
        directives.append(.tell(.receiving(.clocksRight(clocks.right, more: clocks.moreRight), group: group)))
      }
    }
    return directives
  }
}
