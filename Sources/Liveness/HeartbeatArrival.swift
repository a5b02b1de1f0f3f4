// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// A heartbeat that arrived, as far as peers are concerned.
///
/// The one boundary for the numbers that a stranger chose: each is clamped here, so that no sum or difference
/// of two of them overflows.
package struct HeartbeatArrival: Equatable, Sendable {
  /// Microseconds since the epoch, 9,000 years to both sides: every time that a heartbeat can carry.
  static let times: ClosedRange<Int64> = -(1 << 58)...(1 << 58)
  /// Nanoseconds of CLOCK_MONOTONIC, 73 years of them.
  static let arrivals: ClosedRange<Int64> = 0...(1 << 61)

  /// When it arrived, in nanoseconds of CLOCK_MONOTONIC, never later than now (`ArrivalClock`).
  package let arrival: Int64
  /// What the sender's wall clock read, in microseconds, as if it were UTC
  /// (`CivilTime.microsecondsSinceEpochAsUTC`).
  package let payload: Int64
  /// How far our wall clock was ahead of the payload at arrival, in microseconds, both read in the same zone.
  /// The delay on the way is a part of it.
  package let offset: Int64
  /// The source port.
  package let port: UInt16

  /// A beat; the parts are described at the properties.
  ///
  /// - Parameter wallClock: What our wall clock read at arrival, in the zone of the payload, in microseconds.
  package init(arrival: Int64, payload: Int64, wallClock: Int64, port: UInt16) {
    self.arrival = Self.clamp(arrival, to: Self.arrivals)
    self.payload = Self.clamp(payload, to: Self.times)
    offset = Self.clamp(Self.clamp(wallClock, to: Self.times) - self.payload, to: Self.times)
    self.port = port
  }

  /// A heartbeat as it was read.
  ///
  /// - Parameters:
  ///   - stamp: what the sender's clock read. One that names its zone is compared in UTC.
  ///   - received: nanoseconds of CLOCK_REALTIME.
  ///   - zoneOffset: what our wall clock is ahead of UTC, in microseconds.
  package init(
    arrival: Int64, stamp: Heartbeat.Stamp, received: Int64, zoneOffset: Int64, port: UInt16
  ) {
    let zone = stamp.utcOffset.map { Int64($0) * 1_000_000 }
    self.init(
      arrival: arrival, payload: stamp.time.microsecondsSinceEpochAsUTC - (zone ?? 0),
      wallClock: received / 1000 + (zone == nil ? zoneOffset : 0), port: port)
  }

  private static func clamp(_ number: Int64, to range: ClosedRange<Int64>) -> Int64 {
    max(range.lowerBound, min(range.upperBound, number))
  }
}
