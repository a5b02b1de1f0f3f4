// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc

/// The signals of a terminal, as Dispatch sources: the window changed, Ctrl-Z, and going on after that.
enum TerminalSignals {
  private static let handled = [SIGWINCH, SIGTSTP, SIGCONT]

  /// Blocks them for this thread and all that it creates, as `Signals` does.
  static func block() { change(SIG_BLOCK, handled) }

  /// - Parameter handler: called on `queue` with the signal's number.
  static func sources(
    on queue: DispatchQueue, _ handler: @escaping @Sendable (Int32) -> Void
  ) -> [any DispatchSourceSignal] {
    handled.map { signal in
      let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
      source.setEventHandler { handler(signal) }
      source.activate()
      return source
    }
  }

  /// Stops the process, as Ctrl-Z does where nobody handles it; returns when it goes on.
  static func stop() {
    // Dispatch put a handler of its own beside its signalfd, which would send the signal round in a circle. SIGSTOP
    // would do without that, but also where no shell is there to continue us: the kernel does not let SIGTSTP stop
    // an orphaned process group.
    signal(SIGTSTP, SIG_DFL)
    change(SIG_UNBLOCK, [SIGTSTP])
    // To this thread, so that it is stopped before the call returns.
    pthread_kill(pthread_self(), SIGTSTP)
    change(SIG_BLOCK, [SIGTSTP])
  }

  private static func change(_ how: Int32, _ signals: [Int32]) {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(how, &set, nil)
  }
}
