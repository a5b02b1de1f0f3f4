// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Multicast
import Platform
import Settings

/// What the heartbeats that are watched prove, where the watcher may read the keys.
struct WatchedProof: Sendable {
  private var gate: HeartbeatGate
  private let zone: TimestampZone

  /// - Parameter ring: Nil for none: nothing is proved then.
  init?(_ ring: KeyRing?, group: Endpoint, capacity: Int, zone: TimestampZone, now: Int64) {
    guard let ring else { return nil }
    gate = HeartbeatGate(
      ring, group: group, accepted: AcceptedHeartbeats(capacity: capacity), now: now)
    self.zone = zone
  }

  /// - Parameters:
  ///   - interface: A number that tells the interfaces apart.
  ///   - now: CLOCK_MONOTONIC, in nanoseconds.
  mutating func judge(
    of datagram: borrowing ReceivedDatagram, _ outline: Heartbeat.Outline, on interface: Int32, now: Int64
  ) -> HeartbeatGate.Finding {
    let beat = HeartbeatGate.Candidate(
      payload: datagram.payload, said: outline.said ?? Announcement(),
      peer: PeerID(outline.said, from: datagram.source.address, interface: interface),
      sent: outline.stamp.microseconds(zoneOffset: zone.offset(at: datagram.receivedNanoseconds)),
      received: datagram.receivedNanoseconds / 1000)
    return gate.judge(beat, now: now)
  }
}
