// SPDX-License-Identifier: Apache-2.0

/// A heartbeat that arrived, as far as peers are concerned.
package struct Beat: Equatable, Sendable {
  /// When it arrived, in nanoseconds of CLOCK_MONOTONIC, never later than now (`ArrivalClock`).
  package var arrival: Int64
  /// What the sender's wall clock read, in microseconds, as if it were UTC
  /// (`CivilTime.microsecondsSinceEpochAsUTC`).
  package var payload: Int64
  /// How far our wall clock was ahead of the payload at arrival, in microseconds, both read in the same zone.
  /// The delay on the way is a part of it.
  package var offset: Int64
  /// The source port.
  package var port: UInt16

  /// A beat; the parts are described at the properties.
  package init(arrival: Int64, payload: Int64, offset: Int64, port: UInt16) {
    self.arrival = arrival
    self.payload = payload
    self.offset = offset
    self.port = port
  }
}
