// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc

/// Signals that are answered by Dispatch sources.
///
/// They are blocked in every thread: `block` comes first in main, before there is another thread, because a
/// signal that arrives before its source exists would otherwise end the process (a SIGHUP did so in two
/// starts of three). signalfd, on which the sources rest, receives blocked signals.
package struct Signals: Sendable {
  /// SIGTERM and SIGINT, which end a program, and SIGHUP, by which a daemon reloads.
  package static let service = Signals(numbers: [SIGTERM, SIGINT, SIGHUP])
  /// The window has another size, Ctrl-Z, and the continuation after it.
  package static let terminal = Signals(numbers: [SIGWINCH, SIGTSTP, SIGCONT])

  private let numbers: [Int32]

  /// Blocks them for this thread and all that it creates.
  package func block() { change(SIG_BLOCK) }

  /// - Parameter handler: called on `queue` with the signal's number.
  package func sources(
    on queue: DispatchQueue, _ handler: @escaping @Sendable (Int32) -> Void
  ) -> [any DispatchSourceSignal] {
    numbers.map { signal in
      let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
      source.setEventHandler { handler(signal) }
      source.activate()
      return source
    }
  }

  /// Waits for one of them, while they are blocked (sigtimedwait(2)).
  ///
  /// - Returns: the signal's number; nil where none came in time.
  package func wait(atMost limit: Duration) -> Int32? {
    var set = self.set
    let nanoseconds = Int(max(.zero, limit).nanoseconds)
    var time = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
    let number = sigtimedwait(&set, nil, &time)
    return number > 0 ? number : nil
  }

  /// Ends the process with status 0 on SIGTERM and SIGINT, unless they are ignored: for a command that runs
  /// until it is told to stop.
  package static func endSuccessfully() {
    for number in [SIGTERM, SIGINT] {
      let isIgnored = unsafeBitCast(signal(number, { _ in _exit(0) }), to: Int.self) == 1
      if isIgnored { signal(number, SIG_IGN) }
    }
  }

  /// Makes writes to closed pipes fail with EPIPE.
  package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

  /// Has children wait for their parent when they end, also where who started us had SIGCHLD ignored, which
  /// execve(2) keeps: waitpid(2) would know nothing of them.
  package static func awaitChildren() { signal(SIGCHLD, SIG_DFL) }

  /// Stops the process, as Ctrl-Z does where nobody handles it; returns when it is continued.
  package static func stopProcess() {
    // Dispatch put a handler of its own beside its signalfd, which would send the signal round in a circle.
    // SIGSTOP would do without that, but also where no shell is there to continue us: the kernel does not let
    // SIGTSTP stop an orphaned process group.
    let stop = Signals(numbers: [SIGTSTP])
    signal(SIGTSTP, SIG_DFL)
    stop.change(SIG_UNBLOCK)
    // To this thread, so that it is stopped before the call returns.
    pthread_kill(pthread_self(), SIGTSTP)
    stop.change(SIG_BLOCK)
  }

  private var set: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in numbers { sigaddset(&set, signal) }
    return set
  }

  private func change(_ how: Int32) {
    var set = self.set
    pthread_sigmask(how, &set, nil)
  }
}
