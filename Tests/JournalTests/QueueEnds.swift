// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import Journal

/// Both ends of a queue of entries in one hand.
struct QueueEnds {
  let queue: EntryQueue

  init(capacity: Int) { queue = EntryQueue(capacity: capacity) }

  /// One batch, all or nothing of which is to fit.
  @discardableResult
  func push(_ entries: [UInt8]...) -> Bool {
    var batch = queue.begin()
    for entry in entries {
      guard batch.append(entry) else { return false }
    }
    _ = queue.publish(batch)
    return true
  }

  /// One entry that may need `limit` bytes.
  func push(upTo limit: Int, _ entry: [UInt8]) -> Bool {
    var batch = queue.begin()
    guard batch.append(entry, upTo: limit) else { return false }
    _ = queue.publish(batch)
    return true
  }

  /// - Returns: whether the consumer has to be woken.
  func publish(_ entries: [[UInt8]]) -> Bool {
    var batch = queue.begin()
    for entry in entries { _ = batch.append(entry) }
    return queue.publish(batch)
  }

  func peek(_ count: Int) -> [[UInt8]] {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: count) { vectors in
      vectors[..<queue.peek(into: vectors)].map {
        Array(UnsafeRawBufferPointer(start: $0.iov_base, count: $0.iov_len))
      }
    }
  }

  func pop(_ count: Int = 4096) -> [[UInt8]] {
    let entries = peek(count)
    queue.release(entries.count)
    return entries
  }

  /// Where the oldest entry lies.
  func oldest() -> UnsafeMutableRawPointer? {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: 1) { vectors in
      queue.peek(into: vectors) == 1 ? vectors[0].iov_base : nil
    }
  }
}

extension EntryQueue.Batch {
  mutating func append(_ entry: [UInt8], upTo limit: Int? = nil) -> Bool {
    append(upTo: limit ?? entry.count) { place in
      place.copyBytes(from: entry)
      return entry.count
    }
  }
}
