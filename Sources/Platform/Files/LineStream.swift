// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Lines of a pipe, a terminal or a file, as they come. No more is in memory than the longest line.
package enum LineStream {
  /// Bytes that are read at once.
  private static let chunk = 1 << 16

  /// Reads to the end.
  ///
  /// - Parameters:
  ///   - path: What was opened, for errors.
  ///   - longest: Bytes of a line at most; a longer one is passed over.
  ///   - body: Takes a line that is not empty, without its end, and returns whether to go on.
  /// - Returns: How many lines were passed over.
  /// - Throws: `FileFailure` of read(2).
  package static func read(
    _ descriptor: Int32, path: String, longest: Int, _ body: (UnsafeRawBufferPointer) -> Bool
  ) throws(FileFailure) -> Int {
    var lines = Divider(longest: longest)
    var buffer = [UInt8](repeating: 0, count: chunk)
    while true {
      let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        // Another process made it non-blocking.
        Poll.wait(for: POLLIN, on: [descriptor], atMost: nil)
        continue
      }
      guard count >= 0 else { throw FileFailure(call: "read", path: path, errno: errno) }
      guard count > 0 else { break }
      guard buffer.withUnsafeBytes({ lines.take(UnsafeRawBufferPointer(rebasing: $0[..<count]), body) })
      else { return lines.tooLong }
    }
    lines.finish(body)
    return lines.tooLong
  }

  /// Where the lines of a stream begin and end.
  private struct Divider {
    let longest: Int
    /// The beginning of a line whose end is to come.
    var begun: [UInt8] = []
    /// Whether the line that has begun is passed over.
    var isPassedOver = false
    var tooLong = 0

    init(longest: Int) { self.longest = longest }

    /// - Returns: Whether to go on.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
      var rest = bytes[...]
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
        rest = rest[(end + 1)...]
        if begun.isEmpty, !isPassedOver, line.count <= longest {
          guard line.isEmpty || body(line) else { return false }
        } else {
          append(line)
          guard finish(body) else { return false }
        }
      }
      append(UnsafeRawBufferPointer(rebasing: rest))
      return true
    }

    private mutating func append(_ part: UnsafeRawBufferPointer) {
      if isPassedOver || begun.count + part.count > longest {
        begun = []
        isPassedOver = true
      } else {
        begun += part
      }
    }

    /// The end of the line that has begun.
    @discardableResult
    mutating func finish(_ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
      defer {
        begun.removeAll(keepingCapacity: true)
        isPassedOver = false
      }
      if isPassedOver { tooLong += 1 }
      guard !isPassedOver, !begun.isEmpty else { return true }
      return begun.withUnsafeBytes(body)
    }
  }
}
