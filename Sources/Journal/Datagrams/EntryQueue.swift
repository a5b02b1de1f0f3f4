// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform
import Synchronization

/// A bounded queue of serialised entries with one producer, the receive loop, and one consumer, the journal's
/// writer: a ring buffer in one mapping.
///
/// Bounded in bytes, because a stalled journal costs memory. Entries are written in place: nothing is
/// allocated or copied between the socket and the journal. When the queue is found empty it restarts at
/// offset 0, and pages beyond `resident` are returned to the kernel, so that only as many pages are in memory
/// as it has needed lately.
///
/// A record is a header of 8 bytes, of which the first 4 are the entry's length, and the entry, padded to
/// 8 bytes. The length `wrapMark` means that the next record is at offset 0.
package final class EntryQueue: Sendable {
  /// The ring's memory.
  ///
  /// Sendable although it is a pointer, because the producer writes only outside [head, tail), the consumer
  /// reads only inside, and both offsets change under the lock.
  fileprivate struct Mapping: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let capacity: Int

    init(capacity: Int) {
      let mapped = mmap(
        nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      guard let mapped, mapped != MAP_FAILED else {
        fatalError("mmap of \(capacity) bytes for log.queue: \(errnoText(errno))")
      }
      base = mapped
      self.capacity = capacity
    }

    func unmap() { munmap(base, capacity) }
  }

  private struct State {
    var ring: Mapping
    var wantedCapacity: Int
    /// Offset of the oldest record.
    var head = 0
    /// Offset at which the published records end.
    var tail = 0
    /// Bytes from `head` to `tail`; tells a full ring from an empty one.
    var used = 0
    /// Highest offset written since pages were last returned.
    var highWater = 0
  }

  private let state: Mutex<State>

  private static let headerSize = 8
  private static let wrapMark = UInt32.max
  /// Bytes that stay in memory while the queue is empty.
  private static let resident = 256 * 1024

  /// - Parameter capacity: bytes, rounded up to whole pages.
  package init(capacity: Int) {
    let capacity = Self.pages(capacity)
    state = Mutex(State(ring: Mapping(capacity: capacity), wantedCapacity: capacity))
  }

  deinit {
    state.withLock { $0.ring.unmap() }
  }

  /// Bytes of the record of an entry of `length` bytes.
  @inline(__always)
  private static func recordSize(_ length: Int) -> Int { (headerSize + length + 7) & ~7 }

  /// Rounds up to whole pages, so that the end of the ring is aligned as the records are.
  private static func pages(_ bytes: Int) -> Int { (bytes + 4095) & ~4095 }

  /// Bytes of the records that wait, headers and padding included.
  package var used: Int { state.withLock { $0.used } }

  /// Changes the capacity, when the queue is next found empty.
  ///
  /// - Parameter capacity: bytes, rounded up to whole pages.
  package func resize(to capacity: Int) {
    let capacity = Self.pages(capacity)
    state.withLock { $0.wantedCapacity = capacity }
  }

  // MARK: Producer

  /// Records being written, by the receive loop only, one batch at a time.
  struct Batch {
    fileprivate let ring: Mapping
    fileprivate var tail: Int
    fileprivate var free: Int

    fileprivate init(ring: Mapping, tail: Int, free: Int) {
      self.ring = ring
      self.tail = tail
      self.free = free
    }

    fileprivate var written = 0
    fileprivate var highWater = 0
    package private(set) var entries = 0

    /// Writes one entry, in place.
    ///
    /// - Parameters:
    ///   - limit: an upper bound of the entry's size, in bytes.
    ///   - write: fills the memory and returns the bytes used; 0 for no entry.
    /// - Returns: false when there was no room for `limit` bytes.
    @inline(__always)
    mutating func append(upTo limit: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> Bool {
      let need = EntryQueue.recordSize(limit)
      // An entry is contiguous: where the rest of the ring is too short, it is skipped.
      let rest = ring.capacity - tail
      let skipped = rest < need ? rest : 0
      guard free >= skipped + need else { return false }
      let place = skipped > 0 ? 0 : tail
      let length = write(
        UnsafeMutableRawBufferPointer(start: ring.base + place + EntryQueue.headerSize, count: limit))
      guard length > 0 else { return true }
      if skipped > 0 { ring.base.storeBytes(of: EntryQueue.wrapMark, toByteOffset: tail, as: UInt32.self) }
      ring.base.storeBytes(of: UInt32(length), toByteOffset: place, as: UInt32.self)
      let size = EntryQueue.recordSize(length)
      tail = place + size
      written += skipped + size
      free -= skipped + size
      highWater = max(highWater, tail)
      if tail == ring.capacity { tail = 0 }
      entries += 1
      return true
    }
  }

  /// Begins a batch. The consumer does not see it before `publish`.
  func begin() -> Batch {
    state.withLock { state in
      Self.tidy(&state)
      return Batch(ring: state.ring, tail: state.tail, free: state.ring.capacity - state.used)
    }
  }

  /// Gives back the memory that an empty queue does not need, as `begin` does.
  func tidy() { state.withLock { Self.tidy(&$0) } }

  private static func tidy(_ state: inout State) {
    guard state.used == 0 else { return }
    if state.wantedCapacity != state.ring.capacity {
      state.ring.unmap()
      state.ring = Mapping(capacity: state.wantedCapacity)
      state.highWater = 0
    } else if state.highWater > resident {
      madvise(state.ring.base + resident, state.ring.capacity - resident, MADV_DONTNEED)
      state.highWater = 0
    }
    state.head = 0
    state.tail = 0
  }

  /// Makes a batch visible to the consumer.
  ///
  /// - Returns: whether the queue was empty before, so that the consumer has to be woken.
  func publish(_ batch: Batch) -> Bool {
    let (tail, written, highWater) = (batch.tail, batch.written, batch.highWater)
    return state.withLock { state in
      let wasEmpty = state.used == 0
      state.tail = tail
      state.used += written
      state.highWater = max(state.highWater, highWater)
      return wasEmpty
    }
  }

  // MARK: Consumer

  /// Fills `vectors` with the oldest entries. They stay in the queue until `release`.
  ///
  /// - Returns: the number of entries.
  package func peek(into vectors: UnsafeMutableBufferPointer<iovec>) -> Int {
    state.withLock { state in
      var position = state.head
      var rest = state.used
      var count = 0
      while rest > 0, count < vectors.count {
        let skipped = Self.skipWrap(&position, in: state)
        rest -= skipped
        guard rest > 0 else { break }
        let length = Int(state.ring.base.load(fromByteOffset: position, as: UInt32.self))
        vectors[count] = iovec(iov_base: state.ring.base + position + Self.headerSize, iov_len: length)
        let size = Self.recordSize(length)
        position += size
        rest -= size
        if position == state.ring.capacity { position = 0 }
        count += 1
      }
      return count
    }
  }

  /// Removes the oldest entries.
  ///
  /// - Parameter count: at most what `peek` returned.
  package func release(_ count: Int) {
    state.withLock { state in
      for _ in 0..<count {
        state.used -= Self.skipWrap(&state.head, in: state)
        let length = Int(state.ring.base.load(fromByteOffset: state.head, as: UInt32.self))
        let size = Self.recordSize(length)
        state.head += size
        state.used -= size
        if state.head == state.ring.capacity { state.head = 0 }
      }
    }
  }

  /// Skips the unused end of the ring.
  ///
  /// - Returns: the bytes skipped.
  private static func skipWrap(_ position: inout Int, in state: State) -> Int {
    let rest = state.ring.capacity - position
    guard rest < headerSize || state.ring.base.load(fromByteOffset: position, as: UInt32.self) == wrapMark
    else {
      return 0
    }
    position = 0
    return rest
  }
}
