// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a file holds, read and written whole.
package enum FileContents {
  /// Reads a file to its end, or to a limit.
  ///
  /// - Parameters:
  ///   - limit: bytes that are read at most; a caller that must know of a longer file asks for one more than
  ///     it takes.
  ///   - onlyRegular: refuses everything but a regular file: EISDIR for a directory, EINVAL for the rest.
  /// - Throws: `FileFailure` of open(2), fstat(2) or read(2).
  package static func read(
    _ path: String, limit: Int, onlyRegular: Bool = false
  ) throws(FileFailure) -> [UInt8] {
    // O_NONBLOCK: opening a FIFO must not wait for its writer (open(2)).
    let file = try OwnedDescriptor(opening: path, O_RDONLY | O_NONBLOCK)
    var status = stat()
    guard fstat(file.number, &status) == 0 else {
      throw FileFailure(call: "fstat", path: path, errno: errno)
    }
    let kind = status.st_mode & S_IFMT
    guard !onlyRegular || kind == S_IFREG else {
      throw FileFailure(call: "open", path: path, errno: kind == S_IFDIR ? EISDIR : EINVAL)
    }
    var bytes: [UInt8] = []
    // A hint only: files of /proc have the size 0.
    bytes.reserveCapacity(max(0, min(limit, Int(status.st_size))))
    let failure = withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { buffer -> Int32 in
      while bytes.count < limit {
        let count = Glibc.read(file.number, buffer.baseAddress, min(buffer.count, limit - bytes.count))
        if count == 0 { break }
        if count > 0 {
          bytes += UnsafeRawBufferPointer(rebasing: buffer[..<count])
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
    guard failure == 0 else { throw FileFailure(call: "read", path: path, errno: failure) }
    return bytes
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
