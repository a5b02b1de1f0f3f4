// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a file holds, read and written whole.
package enum FileContents {
  /// Reads a file to its end, or to a limit.
  ///
  /// - Parameters:
  ///   - limit: bytes that are read at most; a caller that must know of a longer file asks for one more than
  ///     it takes.
  ///   - onlyRegular: as of `ReadableFile`.
  /// - Throws: `FileFailure` of open(2), fstat(2) or read(2).
  package static func read(
    _ path: String, limit: Int, onlyRegular: Bool = false
  ) throws(FileFailure) -> [UInt8] {
    let file = try ReadableFile(path, onlyRegular: onlyRegular)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(max(0, min(limit, file.size)))
    let failure = withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { buffer -> Int32 in
      while bytes.count < limit {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(limit - bytes.count))
        let count = file.read(into: part)
        guard count > 0 else { return count == 0 ? 0 : errno }
        bytes += UnsafeRawBufferPointer(rebasing: part[..<count])
      }
      return 0
    }
    guard failure == 0 else { throw FileFailure(call: "read", path: path, errno: failure) }
    return bytes
  }

  /// Reads a regular file to its end, or as much as there is room for, into memory of the caller's, and
  /// nowhere else.
  ///
  /// - Returns: The bytes read, and the permissions of the file (inode(7)).
  /// - Throws: `FileFailure` of open(2), fstat(2) or read(2).
  package static func read(
    _ path: String, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileFailure) -> (count: Int, mode: mode_t) {
    let file = try ReadableFile(path, onlyRegular: true)
    var end = 0
    while end < buffer.count {
      let count = file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
      guard count >= 0 else { throw FileFailure(call: "read", path: path, errno: errno) }
      guard count > 0 else { break }
      end += count
    }
    return (end, file.mode)
  }

  /// Writes all bytes to a file, pipe or terminal; blocks while a pipe is full.
  ///
  /// - Returns: 0, or the errno of write(2): EPIPE when the reader is gone.
  package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = bytes
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if written > 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      } else if written == 0 {
        // Not known of any file; again would be without end.
        return EIO
      } else if errno == EAGAIN {
        // Another process made the terminal non-blocking.
        Poll.wait(for: POLLOUT, on: [descriptor], atMost: nil)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }

  /// As `write(_:to:)` of the bytes in memory.
  package static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { write($0, to: descriptor) }
  }
}
