// SPDX-License-Identifier: Apache-2.0

import TestSupport

@testable import Heartbeat
@testable import Liveness
@testable import Platform

/// A host that receives: the gate, with what stands before it in the daemon, and its clocks.
struct GateEnd {
  let group: Endpoint
  private(set) var gate: HeartbeatGate
  /// How far its wall clock is ahead of the right time, in nanoseconds.
  var clockAhead: Int64 = 0
  private let ring: KeyRing

  init(_ keys: String, group: Endpoint = SealedSender.group, capacity: Int = 100, now: Int64 = 0) throws {
    self.group = group
    ring = try SealedSender.ring(keys)
    gate = HeartbeatGate(ring, group: group, accepted: AcceptedHeartbeats(capacity: capacity), now: now)
  }

  /// What it finds of a datagram.
  ///
  /// - Parameter now: The right time: CLOCK_MONOTONIC, and CLOCK_REALTIME from its `epoch`, in nanoseconds.
  /// - Returns: Nil where it is no heartbeat.
  mutating func hear(_ payload: [UInt8], now: Int64, interface: Int32 = 0) -> HeartbeatGate.Finding? {
    payload.withUnsafeBytes { bytes in
      guard let reading = Heartbeat.read(bytes) else { return nil }
      let beat = HeartbeatGate.Candidate(
        payload: bytes, said: reading.said ?? Announcement(),
        peer: PeerID(reading.said, from: Self.source, interface: interface),
        sent: reading.stamp.microseconds(zoneOffset: 0),
        received: (Self.epoch + now + clockAhead) / 1000)
      return gate.judge(beat, now: now)
    }
  }

  /// Whether it accepts a datagram.
  mutating func accepts(_ payload: [UInt8], now: Int64) -> Bool {
    hear(payload, now: now)?.proof.isAuthentic ?? false
  }

  /// What one of its own heartbeats proves to it.
  mutating func judgeOwn(_ payload: [UInt8]) -> Proof {
    payload.withUnsafeBytes { gate.judgeOwn($0, Heartbeat.read($0)?.said, now: 0) }
  }

  mutating func takeClocks() -> ClockNews { gate.takeClocks() }

  /// The daemon is another process, which has what the one before stored, as lines.
  ///
  /// - Parameter isExact: Whether that was stored after the last datagram.
  mutating func restart(with stored: [AcceptedHeartbeats.Stored], isExact: Bool, now: Int64) {
    let lines = stored.map { host in
      var line: [UInt8] = []
      AcceptedLine.append(host, to: &line)
      return Array(line.dropLast())
    }
    let read = lines.compactMap { line in line.withUnsafeBytes { AcceptedLine.read($0) } }
    let accepted = AcceptedHeartbeats(
      read, capacity: gate.accepted.capacity, isExact: isExact, now: now)
    gate = HeartbeatGate(ring, group: group, accepted: accepted, now: now)
  }

  /// The right time at 0 of CLOCK_MONOTONIC, in nanoseconds since 1970.
  static let epoch: Int64 = 1_795_000_000_000_000_000
  private static let source = IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001)
}

extension SealedSender {
  /// The next heartbeat at a right time, in nanoseconds as of `GateEnd.hear`.
  mutating func beat(_ now: Int64, clockAhead: Int64 = 0) -> [UInt8] {
    beat(at: GateEnd.epoch + now + clockAhead)
  }
}

/// In nanoseconds.
let hour = 3600 * second
