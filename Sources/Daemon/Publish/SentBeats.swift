// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// When heartbeats left, for whoever waits for them to come back: the publisher writes, the subscriber takes.
final class SentBeats: Sendable {
  /// Beats remembered for an interface between two readings; of more only the newest matter.
  private static let limit = 256

  private let times = Mutex<[UInt32: [Int64]]>([:])

  /// - Parameters:
  ///   - interface: its index.
  ///   - time: monotonic nanoseconds.
  func note(_ time: Int64, on interface: UInt32) {
    times.withLock { times in
      if let count = times[interface]?.count, count >= Self.limit { times[interface]?.removeFirst() }
      times[interface, default: []].append(time)
    }
  }

  /// What has been noted since the last call.
  func take() -> [UInt32: [Int64]] {
    times.withLock { times in
      defer { times.removeAll() }
      return times
    }
  }
}
