// SPDX-License-Identifier: Apache-2.0

/// Splits a stream of bytes into NUL-terminated messages of bounded length.
///
/// A pure value: bytes in, messages out. The caller takes all complete messages before it appends more, or no
/// more than the limit of a message waits, which bounds the memory by one message and one read.
package struct MessageFramer: Sendable {
  /// A message is longer than the limit. What follows cannot be framed.
  package struct TooLong: Error, Equatable {
    /// The limit, in bytes without the NUL.
    package let limit: Int
  }

  /// The longest message, in bytes without its NUL.
  package let limit: Int
  private var buffer: [UInt8] = []
  /// The bytes before it belong to messages that were taken.
  private var start = 0
  /// There is no NUL in start..<scanned, so that a message that arrives byte by byte is scanned once.
  private var scanned = 0

  package init(limit: Int) { self.limit = limit }

  /// Bytes of messages that were not taken.
  var count: Int { buffer.count - start }

  /// Appends received bytes.
  package mutating func append(_ bytes: some Sequence<UInt8>) {
    if start > 0 {
      buffer.removeFirst(start)
      scanned -= start
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// Removes and returns the next complete message, without its NUL; nil where it is incomplete.
  ///
  /// - Throws: ``TooLong``, from then on always.
  package mutating func next() throws(TooLong) -> [UInt8]? {
    guard let end = buffer[scanned...].firstIndex(of: 0) else {
      scanned = buffer.count
      if buffer.count - start > limit { throw TooLong(limit: limit) }
      return nil
    }
    if end - start > limit { throw TooLong(limit: limit) }
    defer {
      start = end + 1
      scanned = start
      // Idle connections hold no memory.
      if start == buffer.count {
        buffer = []
        start = 0
        scanned = 0
      }
    }
    return Array(buffer[start..<end])
  }
}
