// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc

/// The signals that the daemon answers, as Dispatch sources.
///
/// They are blocked in every thread: `block` comes first in main, before there is another thread, because a signal
/// that arrives before its source exists would otherwise end the process (a SIGHUP did so in two starts of three).
/// signalfd, on which the sources rest, receives blocked signals.
package enum Signals {
  private static let handled = [SIGTERM, SIGINT, SIGHUP]

  /// Blocks the signals for this thread and all that it creates, and makes writes to closed pipes fail with EPIPE.
  package static func block() {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in handled { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
  }

  /// - Parameter handler: called on `queue` with the signal's number.
  package static func sources(
    on queue: DispatchQueue, _ handler: @escaping @Sendable (Int32) -> Void
  ) -> [any DispatchSourceSignal] {
    handled.map { signal in
      let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
      source.setEventHandler { handler(signal) }
      source.activate()
      return source
    }
  }
}
