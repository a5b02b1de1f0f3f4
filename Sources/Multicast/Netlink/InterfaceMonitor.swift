// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Says when interfaces, addresses or the routes to groups may have changed, so that the caller looks again.
///
/// It tells no details on purpose: the caller compares what it wants with what `InterfaceTable.read()` shows,
/// which is right after lost events as well. Events queue up from `init` on, so a table that is read after
/// `init` and kept until the first call misses nothing.
package final class InterfaceMonitor {
  /// How long after a link went down the routes are looked at once more.
  ///
  /// The kernel tells of the link first and flushes the IPv4 routes over it afterwards, without an event of
  /// their own (dev_close_many in net/core/dev.c, fib_flush in net/ipv4/fib_frontend.c).
  private static let settling = DispatchTimeInterval.milliseconds(100)

  private let source: any DispatchSourceRead
  private let settled: any DispatchSourceTimer

  /// - Parameters:
  ///   - queue: where `onChange` is called: once for each burst of events, not for each event, and once more
  ///     100 ms after a link went down. A serial queue.
  ///   - onChange: not called any more once `cancel` was called on `queue`.
  /// - Throws: `MulticastError.system` when there is no netlink socket to be had (a sandbox without
  ///   AF_NETLINK).
  package init(queue: DispatchQueue, onChange: @escaping @Sendable () -> Void) throws(MulticastError) {
    // It belongs to the handlers, which run on `queue` one after the other, until the source lets them go.
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

  /// Begins to call.
  package func activate() {
    settled.activate()
    source.activate()
  }

  /// Ends it for good; the socket is closed as soon as a call that is under way has returned.
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
