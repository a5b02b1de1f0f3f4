// SPDX-License-Identifier: Apache-2.0

import CSodium

/// Memory for secrets, by sodium_malloc(3) of libsodium: in no core dump (MADV_DONTDUMP, madvise(2)), not
/// swapped, between guard pages, read-only once it is filled, and zeroed before it is freed.
///
/// Where mlock(2) is refused, by RLIMIT_MEMLOCK or a sandbox, it is all of that but locked: secrets that may
/// reach an encrypted swap are a smaller evil than a daemon that does not start. Each takes four pages at
/// least and a few system calls: for a file of keys, and not for each key.
///
/// `@unchecked Sendable`: the bytes are written in the initializer, before anybody else can have them, and
/// never again, which the read-only pages enforce.
package final class LockedMemory: @unchecked Sendable {
  /// Whether libsodium may be used: -1 where it found no random numbers. The first caller waits for it.
  private static let isReady = sodium_init() >= 0

  private let start: UnsafeMutableRawPointer
  /// Bytes in use.
  package let count: Int

  /// Memory with what `body` wrote into it.
  ///
  /// - Parameters:
  ///   - capacity: In bytes; 0 becomes 1.
  ///   - body: Takes the memory, whose bytes are any, and returns how many of them are in use. They are
  ///     aligned to 16 where the capacity is a multiple of it.
  /// - Returns: Nil when there is no memory left (mmap(2)).
  /// - Throws: What `body` throws; what it wrote is zeroed.
  package init?<Failure: Error>(
    capacity: Int, filledBy body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) {
    let capacity = max(1, capacity)
    guard Self.isReady, let start = sodium_malloc(capacity) else { return nil }
    do throws(Failure) {
      let used = try body(UnsafeMutableRawBufferPointer(start: start, count: capacity))
      count = min(max(0, used), capacity)
    } catch {
      sodium_free(start)
      throw error
    }
    self.start = start
    sodium_mprotect_readonly(start)
  }

  deinit { sodium_free(start) }

  /// Calls `body` with the bytes, which are there only until it returns.
  package func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(start: start, count: count))
  }

  /// Calls `body` with the first byte of a part of those in use; another part is a programming error and
  /// traps.
  func withUnsafeBytes<Result>(in part: Range<Int>, _ body: (UnsafePointer<UInt8>) -> Result) -> Result {
    precondition(part.lowerBound >= 0 && part.upperBound <= count)
    defer { withExtendedLifetime(self) {} }
    return body(UnsafePointer((start + part.lowerBound).assumingMemoryBound(to: UInt8.self)))
  }
}

/// `dump()` and a mirror show that there is something, and nothing of it.
extension LockedMemory: CustomReflectable, CustomStringConvertible {
  package var customMirror: Mirror { Mirror(self, children: []) }
  package var description: String { "LockedMemory" }
}
