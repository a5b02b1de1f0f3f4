// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Writes messages and entries from their queues to the destination. Not thread-safe; never blocks.
struct JournalDrain {
  /// Entries handed to the kernel at once.
  private static let batch = JournalSocket.batchLimit

  let destination: LogDestination
  private let entries: EntryQueue
  private let messages: MessageQueue
  private let ledger: SharedLedger
  /// Why journald cannot be reached, and since when (CLOCK_MONOTONIC, ns); nil while it can be.
  private var absence: (errno: Int32, since: Int64)?
  private var vectors = [iovec](repeating: iovec(), count: JournalDrain.batch)

  init(entries: EntryQueue, messages: MessageQueue, ledger: SharedLedger, destination: LogDestination) {
    self.entries = entries
    self.messages = messages
    self.ledger = ledger
    self.destination = destination
  }

  /// Writes until both queues are empty, messages first.
  ///
  /// - Returns: false when the destination takes no more now.
  mutating func write() -> Bool {
    while true {
      guard writeMessages() else { return false }
      let (count, result) = vectors.withUnsafeMutableBufferPointer { vectors in
        let count = entries.peek(into: vectors)
        let result = destination.write(datagrams: UnsafeBufferPointer(rebasing: vectors[..<count]))
        return (count, result)
      }
      guard count > 0 else { return true }
      if result.taken > 0 {
        ledger.update { $0.log(result.taken) }
        entries.release(result.taken)
      }
      note(result.outcome)
      switch result.outcome {
      case .all: continue
      case .busy, .absent: return false
      case .refused: giveUp(1)
      }
    }
  }

  /// - Returns: false when the destination takes no more now.
  private mutating func writeMessages() -> Bool {
    while let record = messages.first {
      var line = destination.serialise(record)
      let outcome = line.withUnsafeMutableBytes { bytes in
        let vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
        return withUnsafePointer(to: vector) {
          destination.write(messages: UnsafeBufferPointer(start: $0, count: 1)).outcome
        }
      }
      note(outcome)
      switch outcome {
      case .busy, .absent: return false
      case .all, .refused: messages.removeFirst()
      }
    }
    return true
  }

  /// Queues a message once journald is reached again: while it is not, there is nowhere to report it.
  private mutating func note(_ outcome: JournalSocket.Outcome) {
    switch outcome {
    case .absent(let errno):
      if absence == nil { absence = (errno, Clocks.monotonic()) }
    case .all:
      guard let (errno, since) = absence else { return }
      absence = nil
      messages.append(.unreachable(for: Clocks.elapsed(since: since), errno: errno))
    case .busy, .refused: break
    }
  }

  private func giveUp(_ count: Int) {
    ledger.update { $0.giveUp(count) }
    entries.release(count)
  }

  /// Empties the queue of entries without writing them; they become summarised.
  ///
  /// - Returns: the number of datagrams.
  mutating func giveUp() -> Int {
    var given = 0
    while true {
      let count = vectors.withUnsafeMutableBufferPointer { entries.peek(into: $0) }
      guard count > 0 else { return given }
      giveUp(count)
      given += count
    }
  }
}
