// SPDX-License-Identifier: Apache-2.0

import Dispatch
import EventLoop
import Glibc
import Synchronization
import Systemd

/// Carries entries from the queue to the journal on a queue of its own, so that a journal that is slow, stopped or gone
/// holds up nothing else.
actor JournalWriter: LogSink {
  /// Entries handed to the kernel at once.
  private static let batch = JournalSocket.batchLimit
  /// The daemon's own messages that may wait; beyond that they are counted.
  private static let messageLimit = 1000

  private struct Messages {
    var waiting: [LogRecord] = []
    var dropped = 0

    mutating func takeDropped() -> Int {
      defer { dropped = 0 }
      return dropped
    }
  }

  nonisolated let executor = QueueExecutor(label: "mcastd.journal", qos: .utility)
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let entries: EntryQueue
  private let book: LedgerBook
  private let output: Output
  private let vectors = UnsafeMutableBufferPointer<iovec>.allocate(capacity: JournalWriter.batch)
  private nonisolated let messages = Mutex(Messages())
  private nonisolated let isWoken = Atomic(false)
  /// After this moment (monotonic ns) nothing waits for the journal any more.
  private var deadline: Int64?

  init(entries: EntryQueue, book: LedgerBook, output: sending Output) {
    self.entries = entries
    self.book = book
    self.output = output
  }

  isolated deinit { vectors.deallocate() }

  // MARK: From any thread

  /// There is something to write.
  nonisolated func wake() {
    guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
    executor.queue.async { self.assumeIsolated { $0.drain() } }
  }

  nonisolated func record(_ record: LogRecord) {
    messages.withLock { messages in
      if messages.waiting.count < Self.messageLimit {
        messages.waiting.append(record)
      } else {
        messages.dropped += 1
      }
    }
    wake()
  }

  // MARK: On the queue

  /// How often `drain` may rest before it lets other jobs on the queue run.
  private static let restsInARow = 16

  private func drain() {
    isWoken.store(false, ordering: .releasing)
    var rests = 0
    while !writeWaiting() {
      // journald works through its socket faster when it is left alone for a moment than when every free place is
      // filled at once: resting 1 ms carries 25–33,000 entries a second, waiting with poll(2) 21,000.
      var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
      nanosleep(&pause, nil)
      rests += 1
      if let deadline, MonotonicClock.now() > deadline { return }
      if rests == Self.restsInARow { return wakeLater() }
    }
  }

  private func wakeLater() {
    executor.queue.asyncAfter(deadline: .now() + .milliseconds(1)) { self.assumeIsolated { $0.drain() } }
  }

  /// Writes until nothing waits.
  ///
  /// - Returns: false when the journal takes no more now.
  private func writeWaiting() -> Bool {
    while true {
      guard writeMessages() else { return false }
      let count = entries.peek(into: vectors)
      guard count > 0 else { return true }
      let result = output.write(datagrams: UnsafeBufferPointer(rebasing: vectors[..<count]))
      if result.taken > 0 {
        book.enter { $0.log(result.taken) }
        entries.release(result.taken)
      }
      switch result.outcome {
      case .all: continue
      case .busy, .absent: return false
      case .refused:
        book.enter { $0.giveUp(1) }
        entries.release(1)
      }
    }
  }

  /// - Returns: false when the journal takes no more now.
  private func writeMessages() -> Bool {
    while let record = messages.withLock({ $0.waiting.first }) {
      var line = output.serialise(record)
      let outcome = line.withUnsafeMutableBytes { bytes in
        let vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
        return withUnsafePointer(to: vector) {
          output.write(messages: UnsafeBufferPointer(start: $0, count: 1)).outcome
        }
      }
      switch outcome {
      case .busy, .absent: return false
      case .all, .refused: break
      }
      let dropped = messages.withLock { messages in
        messages.waiting.removeFirst()
        return messages.waiting.isEmpty ? messages.takeDropped() : 0
      }
      if dropped > 0 {
        self.record(
          LogRecord(.warning, "\(dropped) messages of mcastd were lost while the journal was stalled"))
      }
    }
    return true
  }

  /// Waits until the journal has dealt with what was written, so that the process may end.
  func settle(within timeout: Duration) { output.settle(within: timeout) }

  /// Writes what waits, but no longer than `timeout`; what is left then is given up and counted as summarised.
  ///
  /// - Returns: how many datagrams were given up.
  func finish(within timeout: Duration) -> Int {
    deadline = MonotonicClock.now() + timeout.nanoseconds
    while !writeWaiting(), MonotonicClock.now() < deadline ?? 0 {
      var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
      nanosleep(&pause, nil)
    }
    var given = 0
    while case let count = entries.peek(into: vectors), count > 0 {
      book.enter { $0.giveUp(count) }
      entries.release(count)
      given += count
    }
    return given
  }
}
