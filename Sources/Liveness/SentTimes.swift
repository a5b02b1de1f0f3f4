// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The heartbeats that left, for `SelfTest` and `OwnSenders`. Two threads meet here: the publisher writes,
/// the receive loop reads.
package final class SentTimes: Sendable {
  /// Departures remembered for an interface between two calls of `take`; of more only the newest matter.
  private static let limit = 256
  /// Payload times remembered: 17 min at 1 Hz, 10 s at the shortest interval. What comes back later is taken
  /// for a peer's.
  static let capacity = 1024

  /// When heartbeats left on an interface.
  package struct Departures: Sendable {
    /// The kernel's index of the interface.
    package let interface: UInt32
    /// In nanoseconds of CLOCK_MONOTONIC.
    package fileprivate(set) var times: [Int64]
  }

  private struct State {
    /// When heartbeats left, for each of a few interfaces.
    var departures: [Departures] = []
    /// A ring of the times in payloads, in microseconds; `Int64.min` in places not yet used.
    var payloads = [Int64](repeating: .min, count: SentTimes.capacity)
    var next = 0
  }

  private let state = Mutex(State())

  /// Nothing was sent yet.
  package init() {}

  /// Notes a heartbeat that left without an error.
  ///
  /// - Parameters:
  ///   - time: Nanoseconds of CLOCK_MONOTONIC.
  ///   - interface: The kernel's index of the interface.
  package func note(_ time: Int64, on interface: UInt32) {
    state.withLock { state in
      guard let place = state.departures.firstIndex(where: { $0.interface == interface }) else {
        return state.departures.append(Departures(interface: interface, times: [time]))
      }
      if state.departures[place].times.count >= Self.limit { state.departures[place].times.removeFirst() }
      state.departures[place].times.append(time)
    }
  }

  /// What was noted since the last call.
  package func take() -> [Departures] {
    state.withLock { state in
      defer { state.departures = [] }
      return state.departures
    }
  }

  // MARK: Payloads

  /// Notes a heartbeat before it leaves, on whichever interfaces: it may come back before sendto(2) returns.
  ///
  /// - Parameter payload: The time in it, in microseconds (`CivilTime.microsecondsSinceEpochAsUTC`).
  package func willSend(_ payload: Int64) {
    state.withLock { state in
      state.payloads[state.next] = payload
      state.next = (state.next + 1) % Self.capacity
    }
  }

  /// Whether one of the last `capacity` heartbeats had this time, in microseconds. Allocates nothing.
  func contains(_ payload: Int64) -> Bool {
    state.withLock { state in
      // The newest first, which it nearly always is.
      var place = state.next
      for _ in 0..<Self.capacity {
        place = place == 0 ? Self.capacity - 1 : place - 1
        if state.payloads[place] == payload { return true }
      }
      return false
    }
  }

  /// The latest payload times in microseconds, oldest first.
  func latest(_ count: Int) -> [Int64] {
    state.withLock { state in
      (0..<min(count, Self.capacity)).reversed().compactMap { back in
        let time = state.payloads[(state.next + Self.capacity - 1 - back) % Self.capacity]
        return time == .min ? nil : time
      }
    }
  }
}
