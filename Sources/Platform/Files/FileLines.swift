// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A text file, read line by line: of a large one no more is in memory than the longest line.
package enum FileLines {
  /// Bytes that are read at once.
  private static let chunk = 1 << 16

  /// Reads a regular file.
  ///
  /// - Parameters:
  ///   - limit: Bytes; a file that is as long is refused as a whole with EFBIG.
  ///   - body: Takes a line that is not empty, without its end, and returns whether to go on.
  /// - Throws: `FileFailure` of open(2), fstat(2) or read(2).
  package static func read(
    _ path: String, limit: Int, _ body: (UnsafeRawBufferPointer) -> Bool
  ) throws(FileFailure) {
    let file = try ReadableFile(path, onlyRegular: true)
    guard file.size < limit else { throw FileFailure(call: "open", path: path, errno: EFBIG) }
    var buffer = [UInt8](repeating: 0, count: chunk)
    // Of the line whose end is not read yet, and of the file.
    var (kept, total) = (0, 0)
    while total < limit {
      if kept == buffer.count { buffer += [UInt8](repeating: 0, count: buffer.count) }
      let count = buffer.withUnsafeMutableBytes {
        file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[kept...]))
      }
      guard count >= 0 else { throw FileFailure(call: "read", path: path, errno: errno) }
      total += count
      let (used, goesOn) = buffer.withUnsafeBytes {
        lines(
          of: UnsafeRawBufferPointer(rebasing: $0[..<(kept + count)]), isLast: count == 0, from: kept, body)
      }
      guard goesOn, count > 0 else { return }
      kept = kept + count - used
      buffer.withUnsafeMutableBytes { bytes in
        _ = bytes.baseAddress.map { memmove($0, $0 + used, kept) }
      }
    }
  }

  /// Passes the lines that end in some bytes, and what is left after them if it is the last.
  ///
  /// - Parameter start: Where the first end may be.
  /// - Returns: The bytes that were passed, and whether to go on.
  private static func lines(
    of bytes: UnsafeRawBufferPointer, isLast: Bool, from start: Int, _ body: (UnsafeRawBufferPointer) -> Bool
  ) -> (used: Int, goesOn: Bool) {
    var (begin, search) = (0, start)
    while true {
      let end = bytes[search...].firstIndex(of: UInt8(ascii: "\n")) ?? (isLast ? bytes.count : nil)
      guard let end else { return (begin, true) }
      if end > begin, !body(UnsafeRawBufferPointer(rebasing: bytes[begin..<end])) { return (end, false) }
      guard end < bytes.count else { return (end, true) }
      (begin, search) = (end + 1, end + 1)
    }
  }
}
