// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The way from the two queues to the journal, for one thread at a time. It never waits.
struct JournalOutlet {
  /// Entries handed to the kernel at once.
  private static let batch = JournalSocket.batchLimit

  let output: Output
  private let entries: EntryQueue
  private let messages: MessageQueue
  private let book: LedgerBook
  private var vectors = [iovec](repeating: iovec(), count: JournalOutlet.batch)

  init(entries: EntryQueue, messages: MessageQueue, book: LedgerBook, output: Output) {
    self.entries = entries
    self.messages = messages
    self.book = book
    self.output = output
  }

  /// Writes until nothing waits.
  ///
  /// - Returns: false when the journal takes no more now.
  mutating func write() -> Bool {
    while true {
      guard writeMessages() else { return false }
      let (count, result) = vectors.withUnsafeMutableBufferPointer { vectors in
        let count = entries.peek(into: vectors)
        let result = output.write(datagrams: UnsafeBufferPointer(rebasing: vectors[..<count]))
        return (count, result)
      }
      guard count > 0 else { return true }
      if result.taken > 0 {
        book.enter { $0.log(result.taken) }
        entries.release(result.taken)
      }
      switch result.outcome {
      case .all: continue
      case .busy, .absent: return false
      case .refused: giveUp(1)
      }
    }
  }

  /// - Returns: false when the journal takes no more now.
  private func writeMessages() -> Bool {
    while let record = messages.first {
      var line = output.serialise(record)
      let outcome = line.withUnsafeMutableBytes { bytes in
        let vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
        return withUnsafePointer(to: vector) {
          output.write(messages: UnsafeBufferPointer(start: $0, count: 1)).outcome
        }
      }
      switch outcome {
      case .busy, .absent: return false
      case .all, .refused: messages.removeFirst()
      }
    }
    return true
  }

  private func giveUp(_ count: Int) {
    book.enter { $0.giveUp(count) }
    entries.release(count)
  }

  /// Gives up what waits.
  ///
  /// - Returns: how many datagrams.
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
