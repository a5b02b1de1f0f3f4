// SPDX-License-Identifier: Apache-2.0

import Glibc
import Journal

/// The journal of a host: takes what is queued at once, or nothing while it is stalled.
///
/// Sendable although it is not: a world has one thread, and what it hands to is called on it.
final class SimulatedJournal: @unchecked Sendable {
  let entries: EntryQueue
  let ledger: SharedLedger
  var isStalled = false
  private var vectors = [iovec](repeating: iovec(), count: 64)

  init(capacity: Int, ledger: SharedLedger) {
    entries = EntryQueue(capacity: capacity)
    self.ledger = ledger
  }

  func write() {
    while !isStalled {
      let count = vectors.withUnsafeMutableBufferPointer { entries.peek(into: $0) }
      guard count > 0 else { return }
      ledger.update { $0.log(count) }
      entries.release(count)
    }
  }

  /// Gives up what the journal did not take.
  func giveUp() {
    while true {
      let count = vectors.withUnsafeMutableBufferPointer { entries.peek(into: $0) }
      guard count > 0 else { return }
      ledger.update { $0.giveUp(count) }
      entries.release(count)
    }
  }
}
