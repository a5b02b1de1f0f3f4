// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Which heartbeats left, for whoever waits for them to come back and tells them from others: the publisher
/// writes, the subscriber reads.
package final class SentTimes: Sendable {
  /// Beats remembered for an interface between two readings; of more only the newest matter.
  private static let limit = 256
  /// Payload times remembered: 17 min at 1 Hz, 10 s at the shortest interval. What comes back later is not
  /// known as our own.
  package static let capacity = 1024

  private struct State {
    /// When beats left, in monotonic nanoseconds, by the interface's index.
    var times: [UInt32: [Int64]] = [:]
    /// A ring of the times in payloads.
    var payloads = [Int64](repeating: .min, count: SentTimes.capacity)
    var next = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// - Parameters:
  ///   - interface: its index.
  ///   - time: monotonic nanoseconds.
  package func note(_ time: Int64, on interface: UInt32) {
    state.withLock { state in
      if let count = state.times[interface]?.count, count >= Self.limit {
        state.times[interface]?.removeFirst()
      }
      state.times[interface, default: []].append(time)
    }
  }

  /// What has been noted since the last call.
  package func take() -> [UInt32: [Int64]] {
    state.withLock { state in
      defer { state.times.removeAll() }
      return state.times
    }
  }

  // MARK: Payloads

  /// A heartbeat is about to leave, on whatever interfaces. To be called before it does: it may come back
  /// before sendto(2) returns.
  ///
  /// - Parameter payload: the time in it, in microseconds (`CivilTime.microsecondsSinceEpochAsUTC`).
  package func willSend(_ payload: Int64) {
    state.withLock { state in
      state.payloads[state.next] = payload
      state.next = (state.next + 1) % Self.capacity
    }
  }

  /// Whether a heartbeat with this time was sent lately. Allocates nothing.
  package func contains(_ payload: Int64) -> Bool {
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

  /// The latest payload times, oldest first.
  package func latest(_ count: Int) -> [Int64] {
    state.withLock { state in
      (0..<min(count, Self.capacity)).reversed().compactMap { back in
        let time = state.payloads[(state.next + Self.capacity - 1 - back) % Self.capacity]
        return time == .min ? nil : time
      }
    }
  }
}
