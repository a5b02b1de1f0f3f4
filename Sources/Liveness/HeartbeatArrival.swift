// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// A heartbeat of a peer as it arrived.
///
/// The only entrance of numbers that a sender chooses: each is clamped here, so that no sum or difference of
/// two of them overflows.
package struct HeartbeatArrival: Equatable, Sendable {
  /// Microseconds since the epoch, 9,000 years to both sides: every time that a heartbeat can carry.
  static let times: ClosedRange<Int64> = -(1 << 58)...(1 << 58)
  /// Nanoseconds of CLOCK_MONOTONIC, 73 years of them.
  static let arrivals: ClosedRange<Int64> = 0...(1 << 61)

  /// When it arrived, in nanoseconds of CLOCK_MONOTONIC, never later than now (`ArrivalClock`).
  let arrival: Int64
  /// What the sender's wall clock read, in microseconds, as if it were UTC
  /// (`CivilTime.microsecondsSinceEpochAsUTC`).
  let payload: Int64
  /// How far our wall clock was ahead of the payload at arrival, in microseconds, both read in the same zone.
  /// It includes the delay on the way.
  let offset: Int64
  /// Where it came from.
  let address: IPAddress
  /// The source port.
  let port: UInt16
  /// What the sender says of itself; nothing in a plain heartbeat.
  let said: Announcement
  /// What it proves; nil where nothing has to be proved.
  let proof: Proof?

  /// An arrival; the parts are described at the properties.
  ///
  /// - Parameter wallClock: What our wall clock read at arrival, in the zone of the payload, in microseconds.
  package init(
    arrival: Int64, payload: Int64, wallClock: Int64, address: IPAddress = .unspecified(.ipv4), port: UInt16,
    said: Announcement? = nil, proof: Proof? = nil
  ) {
    self.arrival = Self.clamp(arrival, to: Self.arrivals)
    self.payload = Self.clamp(payload, to: Self.times)
    offset = Self.clamp(Self.clamp(wallClock, to: Self.times) - self.payload, to: Self.times)
    self.address = address
    self.port = port
    self.said = said ?? Announcement()
    self.proof = proof
  }

  /// A heartbeat as it was read from the socket.
  ///
  /// - Parameters:
  ///   - arrival: Nanoseconds of CLOCK_MONOTONIC.
  ///   - outline: What it says. A time that names its zone is compared in UTC.
  ///   - received: The kernel's receive stamp, in nanoseconds of CLOCK_REALTIME.
  ///   - zoneOffset: How far our wall clock is ahead of UTC, in microseconds.
  ///   - source: Where it came from.
  ///   - proof: What it proves; nil where nothing has to be proved.
  init(
    arrival: Int64, _ outline: Heartbeat.Outline, received: Int64, zoneOffset: Int64, source: Endpoint,
    proof: Proof? = nil
  ) {
    let stamp = outline.stamp
    let zone = stamp.utcOffset.map { Int64($0) * 1_000_000 }
    self.init(
      arrival: arrival, payload: stamp.time.microsecondsSinceEpochAsUTC - (zone ?? 0),
      wallClock: received / 1000 + (zone == nil ? zoneOffset : 0), address: source.address, port: source.port,
      said: outline.said, proof: proof)
  }

  private static func clamp(_ number: Int64, to range: ClosedRange<Int64>) -> Int64 {
    max(range.lowerBound, min(range.upperBound, number))
  }
}
