// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Platform
import Synchronization

/// Writes what is queued, on a dispatch queue of its own, so that a journal that is slow, stopped or gone
/// blocks no other thread.
///
/// On a quiet group the receive loop writes its entry itself (`writeNow`): a non-blocking send costs less
/// than waking another thread. The drain is locked only while writing, not during pauses.
package final class JournalWriter: Sendable {
  private let executor = QueueExecutor(label: "mcastd.journal")
  private let messages = MessageQueue()
  private let drain: Mutex<JournalDrain>
  private let isWoken = Atomic(false)
  /// CLOCK_MONOTONIC in ns; after it, `run` no longer waits for the journal.
  private let deadline = Atomic(Int64.max)

  package init(entries: EntryQueue, ledger: SharedLedger, destination: sending LogDestination) {
    drain = Mutex(
      JournalDrain(entries: entries, messages: messages, ledger: ledger, destination: destination))
  }

  // MARK: From any thread

  /// Writes what is queued, on the writer's thread.
  package func wake() {
    guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
    executor.queue.async { self.run() }
  }

  /// Writes what is queued, on the caller's thread; leaves it to `wake` where another thread is writing or
  /// the journal takes no more now. Never blocks.
  package func writeNow() {
    let isDone = drain.withLockIfAvailable { $0.write() } ?? false
    if !isDone { wake() }
  }

  /// Queues one of the daemon's own messages. Never blocks.
  package func record(_ record: LogRecord) {
    messages.append(record)
    wake()
  }

  // MARK: On the queue

  /// Pauses in a row before `run` lets other jobs on the queue run.
  private static let pausesInARow = 16

  private func run() {
    isWoken.store(false, ordering: .releasing)
    for _ in 0..<Self.pausesInARow {
      if drain.withLock({ $0.write() }) { return }
      Self.pause()
      if Clocks.monotonic() > deadline.load(ordering: .relaxed) { return }
    }
    wake()
  }

  /// 1 ms. journald empties its socket faster when left alone for a moment than when each free place is
  /// filled at once (docs/FACTS.md, "What an entry costs").
  private static func pause() {
    var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
    nanosleep(&pause, nil)
  }

  // MARK: Shutdown

  /// Writes what is queued. What is left after `timeout` is given up and counted as summarised.
  ///
  /// - Returns: how many datagrams were given up.
  package func finish(within timeout: Duration) async -> Int {
    let end = Clocks.monotonic() + timeout.nanoseconds
    deadline.store(end, ordering: .relaxed)
    return await withCheckedContinuation { continuation in
      executor.queue.async {
        while !self.drain.withLock({ $0.write() }), Clocks.monotonic() < end { Self.pause() }
        continuation.resume(returning: self.drain.withLock { $0.giveUp() })
      }
    }
  }

  /// Waits until journald has processed what was written, so that the process may end
  /// (`JournalSocket.settle`).
  package func settle(within timeout: Duration) async {
    await withCheckedContinuation { continuation in
      executor.queue.async {
        self.drain.withLock { $0.destination.settle(within: timeout) }
        continuation.resume()
      }
    }
  }
}
