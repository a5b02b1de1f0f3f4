// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Platform
import Synchronization

/// Carries entries from the queue to the journal, on a queue of its own so that a journal that is slow, stopped or gone
/// holds up nothing else.
///
/// On a quiet group the receive loop carries its entry itself (`writeNow`): a send that cannot wait costs less than
/// waking another thread for it. Whoever writes holds the outlet for that time only; resting is done without it.
package final class JournalWriter: LogSink {
  private let executor = QueueExecutor(label: "mcastd.journal")
  private let messages = MessageQueue()
  private let outlet: Mutex<JournalOutlet>
  private let isWoken = Atomic(false)
  /// After this moment (monotonic ns) nothing waits for the journal any more.
  private let deadline = Atomic(Int64.max)

  package init(entries: EntryQueue, book: LedgerBook, output: sending Output) {
    outlet = Mutex(JournalOutlet(entries: entries, messages: messages, book: book, output: output))
  }

  // MARK: From any thread

  /// There is something to write: another thread sees to it.
  package func wake() {
    guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
    executor.queue.async { self.drain() }
  }

  /// There is a little to write: does it at once, unless another thread is at it or the journal takes no more now.
  package func writeNow() {
    let isDone = outlet.withLockIfAvailable { $0.write() } ?? false
    if !isDone { wake() }
  }

  package func record(_ record: LogRecord) {
    messages.append(record)
    wake()
  }

  // MARK: On the queue

  /// How often `drain` may rest before it lets other jobs on the queue run.
  private static let restsInARow = 16

  private func drain() {
    isWoken.store(false, ordering: .releasing)
    for _ in 0..<Self.restsInARow {
      if outlet.withLock({ $0.write() }) { return }
      Self.rest()
      if MonotonicClock.now() > deadline.load(ordering: .relaxed) { return }
    }
    wake()
  }

  /// journald works through its socket faster when it is left alone for a moment than when every free place is filled at
  /// once: resting 1 ms carries 25–33,000 entries a second, waiting with poll(2) 21,000.
  private static func rest() {
    var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
    nanosleep(&pause, nil)
  }

  // MARK: The end

  /// Writes what waits, but no longer than `timeout`; what is left then is given up and counted as summarised.
  ///
  /// - Returns: how many datagrams were given up.
  package func finish(within timeout: Duration) async -> Int {
    let end = MonotonicClock.now() + timeout.nanoseconds
    deadline.store(end, ordering: .relaxed)
    return await withCheckedContinuation { continuation in
      executor.queue.async {
        while !self.outlet.withLock({ $0.write() }), MonotonicClock.now() < end { Self.rest() }
        continuation.resume(returning: self.outlet.withLock { $0.giveUp() })
      }
    }
  }

  /// Waits until the journal has dealt with what was written, so that the process may end.
  package func settle(within timeout: Duration) async {
    await withCheckedContinuation { continuation in
      executor.queue.async {
        self.outlet.withLock { $0.output.settle(within: timeout) }
        continuation.resume()
      }
    }
  }
}
