// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file that is open for reading.
struct ReadableFile: ~Copyable {
  private let descriptor: OwnedDescriptor
  /// In bytes; 0 for files of /proc.
  let size: Int
  /// Permissions (inode(7)).
  let mode: mode_t

  /// - Parameter onlyRegular: refuses everything but a regular file: EISDIR for a directory, EINVAL for the
  ///   rest.
  /// - Throws: `FileFailure` of open(2) or fstat(2).
  init(_ path: String, onlyRegular: Bool) throws(FileFailure) {
    // O_NONBLOCK: opening a FIFO must not wait for its writer (open(2)).
    let descriptor = try OwnedDescriptor(opening: path, O_RDONLY | O_NONBLOCK)
    var status = stat()
    guard fstat(descriptor.number, &status) == 0 else {
      throw FileFailure(call: "fstat", path: path, errno: errno)
    }
    let kind = status.st_mode & S_IFMT
    guard !onlyRegular || kind == S_IFREG else {
      throw FileFailure(call: "open", path: path, errno: kind == S_IFDIR ? EISDIR : EINVAL)
    }
    self.descriptor = descriptor
    size = Int(status.st_size)
    mode = status.st_mode & 0o7777
  }

  /// Reads once, and again where a signal came between.
  ///
  /// - Returns: bytes that were read, 0 at the end; -1 with the errno of read(2).
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      let count = Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
      if count >= 0 || errno != EINTR { return count }
    }
  }
}
