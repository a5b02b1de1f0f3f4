// SPDX-License-Identifier: Apache-2.0

import Platform

/// An event loop on a thread of its own, until it is let go of.
package final class RunningLoop: Sendable {
  package let loop: EventLoop

  package init() throws {
    let loop = try EventLoop()
    self.loop = loop
    OwnThread.run { _ = loop.run() }
  }

  deinit { loop.end(0) }
}
