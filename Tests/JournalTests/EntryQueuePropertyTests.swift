// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Journal

struct EntryQueuePropertyTests {
  @Test("whatever is done to it, it holds what an array would", arguments: 1...6 as ClosedRange<UInt64>)
  func againstArray(seed: UInt64) {
    var random = SeededRandom(testSeed: seed)
    var capacity = 4096 << random.below(3)
    let ends = QueueEnds(capacity: capacity)
    var wanted = capacity
    var model: [[UInt8]] = []
    var refusals = 0
    var written = 0
    for _ in 0..<5000 {
      switch random.below(20) {
      case 0..<10:
        let wasEmpty = model.isEmpty
        if wasEmpty { capacity = wanted }
        let free = capacity - ends.queue.used
        var batch = ends.queue.begin()
        for number in 0...random.below(6) {
          let size = 1 + random.below(random.chance(0.1) ? capacity : 700)
          let limit = size + random.below(300)
          let need = (8 + limit + 7) & ~7
          written += 1
          var entry = [UInt8](repeating: UInt8(truncatingIfNeeded: random.next()), count: size)
          entry.replaceSubrange(0..<min(size, 8), with: "\(written)".utf8.prefix(min(size, 8)))
          if batch.append(entry, upTo: limit) {
            model.append(entry)
          } else {
            refusals += 1
            // At worst an entry costs itself and a rest of the ring that is smaller than it.
            if number == 0 { #expect(free < 2 * need) }
          }
        }
        guard batch.entries > 0 else { break }
        #expect(ends.queue.publish(batch) == wasEmpty)
      case 10..<19:
        let count = 1 + random.below(12)
        let read = ends.peek(count)
        #expect(read == Array(model.prefix(count)))
        let taken = read.isEmpty ? 0 : random.below(read.count + 1)
        ends.queue.release(taken)
        model.removeFirst(taken)
        #expect((ends.queue.used > 0) == !model.isEmpty)
      default:
        wanted = 4096 << random.below(3)
        ends.queue.resize(to: wanted)
        if random.chance(0.5) { ends.queue.tidy() }
      }
      #expect(ends.queue.used <= capacity)
      #expect((ends.queue.used == 0) == model.isEmpty)
    }
    // A run that never filled it would say little.
    #expect(refusals > 100)
  }

  @Test("between two threads nothing is lost, doubled or out of order, and no wake-up is missing")
  func twoThreads() async {
    let run = TwoThreads(entries: 200_000)
    async let consumed = run.consume()
    async let produced: Void = run.produce()
    _ = await produced
    #expect(await consumed == "all in order")
    #expect(run.queue.used == 0)
  }
}

/// A producer that waits for room, and a consumer that sleeps when it has found nothing, as the journal's
/// writer does.
private final class TwoThreads: Sendable {
  let queue = EntryQueue(capacity: 16_384)
  private let entries: UInt64
  private let woken = DispatchSemaphore(value: 0)
  private let room = DispatchSemaphore(value: 0)
  private let isOver = Atomic(false)

  init(entries: UInt64) { self.entries = entries }

  func produce() async {
    await onThread {
      var random = SeededRandom(testSeed: 1)
      var number: UInt64 = 0
      while number < self.entries, !self.isOver.load(ordering: .relaxed) {
        var batch = self.queue.begin()
        var isFull = false
        for _ in 0...random.below(8) where number < self.entries && !isFull {
          let words = 1 + random.below(60)
          isFull = !batch.append(upTo: words * 8 + random.below(100)) { place in
            for word in 0..<words {
              place.storeBytes(of: number &+ UInt64(word), toByteOffset: word * 8, as: UInt64.self)
            }
            return words * 8
          }
          if !isFull { number += 1 }
        }
        if batch.entries > 0, self.queue.publish(batch) { self.woken.signal() }
        if isFull { _ = self.room.wait(timeout: .now() + 1) }
      }
    }
  }

  func consume() async -> String {
    await onThread {
      defer { self.isOver.store(true, ordering: .relaxed) }
      var next: UInt64 = 0
      while next < self.entries {
        guard self.woken.wait(timeout: .now() + 20) == .success else {
          return "asleep at \(next) with \(self.queue.used) bytes waiting"
        }
        while true {
          let (count, isRight) = self.takeSome(from: next)
          guard isRight else { return "wrong entry near \(next)" }
          guard count > 0 else { break }
          next += UInt64(count)
          self.queue.release(count)
          self.room.signal()
        }
      }
      return "all in order"
    }
  }

  private func takeSome(from next: UInt64) -> (Int, Bool) {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: 16) { vectors in
      let count = queue.peek(into: vectors)
      for index in 0..<count {
        let bytes = UnsafeRawBufferPointer(start: vectors[index].iov_base, count: vectors[index].iov_len)
        guard bytes.count % 8 == 0, !bytes.isEmpty else { return (count, false) }
        for word in 0..<bytes.count / 8
        where bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)
          != next + UInt64(index) + UInt64(word)
        {
          return (count, false)
        }
      }
      return (count, true)
    }
  }

  private func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "queue end").async { continuation.resume(returning: body()) }
    }
  }
}
