// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Notifies of possible changes to interfaces, addresses or the routes to groups.
///
/// Passes no details: the caller compares its configuration with `InterfaceTable.read()`, which is right
/// after lost events too. Events are queued from `init` on: a table that is read after `init` and kept until
/// the first call misses no change.
package final class InterfaceMonitor {
  /// Delay of the second route check after a link went down.
  ///
  /// The kernel sends the link event first and then flushes the IPv4 routes over the link without an event
  /// (dev_close_many in net/core/dev.c, fib_flush in net/ipv4/fib_frontend.c).
  private static let settling = DispatchTimeInterval.milliseconds(100)

  private let source: any DispatchSourceRead
  private let settled: any DispatchSourceTimer

  /// - Parameters:
  ///   - queue: serial queue for `onChange`, which is called once for each burst of events, and once more
  ///     100 ms after a link went down.
  ///   - onChange: not called after `cancel` was called on `queue`.
  /// - Throws: `MulticastError.system` when no netlink socket can be opened (a sandbox without AF_NETLINK).
  package init(queue: DispatchQueue, onChange: @escaping @Sendable () -> Void) throws(MulticastError) {
    // Owned by the handlers, which run serially on `queue`, until the source releases them.
    let events = try InterfaceEvents()
    let source = DispatchSource.makeReadSource(fileDescriptor: events.descriptor, queue: queue)
    let settled = DispatchSource.makeTimerSource(queue: queue)
    settled.setEventHandler(handler: onChange)
    settled.schedule(deadline: .distantFuture)
    source.setEventHandler {
      let change = events.drain()
      if change.happened { onChange() }
      if change.mayGoOn { settled.schedule(deadline: .now() + Self.settling) }
    }
    source.setCancelHandler { events.close() }
    self.source = source
    self.settled = settled
  }

  /// Starts notifications.
  package func activate() {
    settled.activate()
    source.activate()
  }

  /// Stops notifications for good. The socket is closed when a handler in progress has returned.
  package func cancel() {
    settled.cancel()
    source.cancel()
  }

  deinit {
    cancel()
    // Dispatch traps when a source that was never activated is released.
    activate()
  }
}
