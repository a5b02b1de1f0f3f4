// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

enum Epoll {
  /// Waits for what an epoll instance watches (epoll_wait(2)).
  ///
  /// - Parameters:
  ///   - most: Events that are taken at most.
  ///   - timeout: In milliseconds; -1 waits for as long as it takes, 0 only looks.
  ///   - body: Called with each. Not called where it was interrupted by a debugger, or the process was
  ///     stopped.
  static func wait(on instance: Int32, most: Int, timeout: Int32, _ body: (epoll_event) -> Void) {
    withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: most) { events in
      // From glibc 2.41 on epoll_wait takes no nil.
      guard let first = events.baseAddress else { return }
      let count = epoll_wait(instance, first, Int32(events.count), timeout)
      guard count > 0 else { return }
      for event in events[..<Int(count)] { body(event) }
    }
  }
}
