// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Waiting for descriptors.
package enum Poll {
  /// Waits until one of the descriptors is ready, a signal comes or the time is over (poll(2)).
  ///
  /// - Parameters:
  ///   - events: POLLIN or POLLOUT.
  ///   - limit: rounded up to whole milliseconds, so that a caller with a deadline does not spin; nil waits
  ///     for ever.
  /// - Returns: how many are ready; -1 with the errno of poll(2).
  @discardableResult
  package static func wait(for events: Int32, on descriptors: [Int32], atMost limit: Duration?) -> Int32 {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(events), revents: 0) }
    let milliseconds = limit.map {
      max(0, $0.nanoseconds / 1_000_000 + ($0.nanoseconds % 1_000_000 > 0 ? 1 : 0))
    }
    return poll(&entries, nfds_t(entries.count), milliseconds.map(Int32.init(clamping:)) ?? -1)
  }
}
