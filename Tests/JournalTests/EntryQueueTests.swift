// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Journal

/// A record in the ring is a header of 8 bytes and the entry, padded to 8.
struct EntryQueueTests {
  @Test("entries come out whole and in their order")
  func order() {
    let ends = QueueEnds(capacity: 4096)
    #expect(ends.push([1], [2, 2], Array(repeating: 3, count: 300)))
    #expect(ends.push([4]))
    #expect(ends.pop() == [[1], [2, 2], Array(repeating: 3, count: 300), [4]])
    #expect(ends.pop() == [])
  }

  @Test("what is read stays until it is released")
  func release() {
    let ends = QueueEnds(capacity: 4096)
    ends.push([1], [2], [3])
    #expect(ends.peek(2) == [[1], [2]])
    ends.queue.release(1)
    #expect(ends.peek(9) == [[2], [3]])
    ends.queue.release(2)
    #expect(ends.peek(9) == [])
  }

  @Test("the bound is in bytes: it is used to the last one, and no further")
  func bound() {
    let ends = QueueEnds(capacity: 4096)
    for number in 0..<128 { #expect(ends.push(Array(repeating: UInt8(number), count: 24))) }
    #expect(ends.queue.used == 4096)
    #expect(!ends.push([0]))
    #expect(ends.pop(1) == [Array(repeating: 0, count: 24)])
    #expect(ends.push(Array(repeating: 128, count: 24)))
    #expect(!ends.push([0]))
    #expect(ends.pop() == (1...128).map { Array(repeating: UInt8($0), count: 24) })
  }

  @Test("a capacity is rounded up to whole pages")
  func pages() {
    let ends = QueueEnds(capacity: 4097)
    #expect(ends.push(upTo: 8184, Array(repeating: 1, count: 8184)))
    #expect(ends.queue.used == 8192)
  }

  @Test("an entry that may be larger than the ring is refused, also by an empty one")
  func tooLarge() {
    let ends = QueueEnds(capacity: 4096)
    #expect(!ends.push(upTo: 4089, [1]))
    #expect(ends.push(upTo: 4088, [1]))
    #expect(ends.pop() == [[1]])
  }

  @Test("an entry larger than the rest of the ring begins at its beginning")
  func wrap() {
    let ends = QueueEnds(capacity: 4096)
    let (first, second) = ([UInt8](repeating: 1, count: 3000), [UInt8](repeating: 2, count: 504))
    let (third, fourth) = ([UInt8](repeating: 3, count: 2000), [UInt8](repeating: 4, count: 1000))
    #expect(ends.push(first, second))
    #expect(ends.pop(1) == [first])
    // 576 bytes are left at the end, and 3008 at the beginning.
    #expect(ends.push(third))
    #expect(ends.queue.used == 512 + 576 + 2008)
    #expect(!ends.push(fourth))
    #expect(ends.pop(1) == [second])
    #expect(ends.push(fourth))
    #expect(ends.pop() == [third, fourth])
    #expect(ends.queue.used == 0)
  }

  @Test("a limit that was not needed costs nothing")
  func limit() {
    let ends = QueueEnds(capacity: 4096)
    #expect(ends.push(upTo: 2000, [1]))
    #expect(ends.queue.used == 16)
  }

  @Test("a batch is not seen before it is published")
  func unpublished() {
    let ends = QueueEnds(capacity: 4096)
    var batch = ends.queue.begin()
    let isWritten = batch.append([1])
    #expect(isWritten)
    #expect(ends.peek(9) == [])
    #expect(ends.queue.used == 0)
    #expect(ends.queue.publish(batch))
    #expect(ends.pop() == [[1]])
  }

  @Test("whoever publishes into an empty queue is told to wake the consumer, and nobody else")
  func wake() {
    let ends = QueueEnds(capacity: 4096)
    #expect(ends.publish([[1]]))
    #expect(!ends.publish([[2]]))
    ends.queue.release(1)
    #expect(!ends.publish([[3]]))
    ends.queue.release(2)
    #expect(ends.publish([[4]]))
  }

  @Test("an empty queue starts again at its beginning")
  func restart() {
    let ends = QueueEnds(capacity: 4096)
    for _ in 0..<10 {
      #expect(ends.push(upTo: 4088, Array(repeating: 7, count: 3000)))
      #expect(ends.pop().count == 1)
    }
  }

  @Test("a queue that is emptied while a batch is being written goes on where the batch is")
  func emptiedMeanwhile() {
    let ends = QueueEnds(capacity: 4096)
    ends.push([1])
    var batch = ends.queue.begin()
    ends.queue.release(1)
    let isWritten = batch.append([2])
    #expect(isWritten)
    #expect(ends.queue.publish(batch))
    #expect(ends.pop() == [[2]])
    #expect(ends.queue.used == 0)
  }

  @Test("an entry of nothing is none, wherever in the ring it would have stood")
  func nothing() {
    let ends = QueueEnds(capacity: 4096)
    ends.push([UInt8](repeating: 1, count: 2000))
    ends.push([UInt8](repeating: 2, count: 1000))
    ends.queue.release(1)
    var batch = ends.queue.begin()
    let isWritten = batch.append([3])
    #expect(isWritten)
    // It would have begun at the beginning of the ring.
    let isSkipped = batch.append(upTo: 1500) { _ in 0 }
    #expect(isSkipped)
    #expect(batch.entries == 1)
    _ = ends.queue.publish(batch)
    #expect(ends.pop() == [[UInt8](repeating: 2, count: 1000), [3]])
    #expect(ends.queue.used == 0)
    #expect(ends.publish([[4]]))
  }

  @Test("memory that a stall has filled is given back once the queue is empty, but for the first 256 KiB")
  func givesBack() throws {
    let ends = QueueEnds(capacity: 2 << 20)
    for _ in 0..<1000 { #expect(ends.push([UInt8](repeating: 1, count: 1016))) }
    let base = try #require(ends.oldest()).advanced(by: -8)
    let kept = 256 << 10
    #expect(residentPages(base, kept) == kept / 4096)
    #expect(residentPages(base + kept, (2 << 20) - kept) == (1_024_000 - kept) / 4096)
    _ = ends.pop()
    // Not while a stall may go on: the next batch finds it empty.
    ends.push([2])
    #expect(residentPages(base, kept) == kept / 4096)
    #expect(residentPages(base + kept, (2 << 20) - kept) == 0)
    #expect(ends.pop() == [[2]])
  }

  @Test("an empty queue takes another size at once")
  func resizeEmpty() {
    let ends = QueueEnds(capacity: 4096)
    #expect(!ends.push(upTo: 20_000, [1]))
    ends.queue.resize(to: 65_536)
    #expect(ends.push(upTo: 20_000, [1]))
    #expect(ends.pop() == [[1]])
    ends.queue.resize(to: 4096)
    #expect(!ends.push(upTo: 20_000, [2]))
    #expect(ends.push([3]))
    #expect(ends.pop() == [[3]])
  }

  @Test("a queue that is not empty keeps what it has, and takes another size when it is")
  func resizeFilled() {
    let ends = QueueEnds(capacity: 4096)
    ends.push([1])
    ends.queue.resize(to: 65_536)
    #expect(!ends.push(upTo: 20_000, [2]))
    #expect(ends.push([3]))
    #expect(ends.pop() == [[1], [3]])
    #expect(ends.push(upTo: 20_000, [4]))
    #expect(ends.pop() == [[4]])
  }
}

/// Pages of a mapping that are in memory (mincore(2)).
private func residentPages(_ start: UnsafeMutableRawPointer, _ length: Int) -> Int {
  var pages = [UInt8](repeating: 0, count: length / 4096)
  guard mincore(start, length, &pages) == 0 else { return -1 }
  return pages.count { $0 & 1 == 1 }
}
