// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Platform

struct LineStreamTests {
  /// What is read of bytes that come through a pipe in parts.
  private func lines(of parts: [[UInt8]], longest: Int) throws -> (lines: [[UInt8]], tooLong: Int) {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let reader = OwnedDescriptor(owning: ends[0])
    let writer = OwnedDescriptor(owning: ends[1])
    // A pipe holds 64 KiB (pipe(7)).
    for part in parts { try #require(FileContents.write(part, to: writer.number) == 0) }
    _ = consume writer
    var lines: [[UInt8]] = []
    let tooLong = try LineStream.read(reader.number, path: "pipe", longest: longest) {
      lines.append(Array($0))
      return true
    }
    return (lines, tooLong)
  }

  @Test("lines of a pipe are those that a split of all its bytes gives, but for those that are too long")
  func split() throws {
    let text = "a\n\nbb\nccc\ndddd\neeeee\nff"
    for size in 1...5 {
      let bytes = Array(text.utf8)
      let parts = stride(from: 0, to: bytes.count, by: size).map {
        Array(bytes[$0..<min(bytes.count, $0 + size)])
      }
      let (all, none) = try lines(of: parts, longest: 5)
      #expect(all == bytes.split(separator: 10).map(Array.init) && none == 0)
      let (short, long) = try lines(of: parts, longest: 3)
      #expect(short.map(\.count) == [1, 2, 3, 2] && long == 2)
    }
  }

  @Test("a line that is too long leaves the next ones whole, also over many reads")
  func long() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/lines"
    let file = try #require(fopen(path, "w"))
    let text = [
      [UInt8](repeating: 97, count: 300_000), Array("next".utf8), [UInt8](repeating: 98, count: 90_000),
    ]
    for line in text { fwrite(line + [10], 1, line.count + 1, file) }
    fclose(file)
    let descriptor = try OwnedDescriptor(opening: path, O_RDONLY)
    var lines: [[UInt8]] = []
    let tooLong = try LineStream.read(descriptor.number, path: path, longest: 100_000) {
      lines.append(Array($0))
      return true
    }
    #expect(lines == Array(text[1...]) && tooLong == 1)
  }

  @Test("it stops where it is told to, and says which file cannot be read")
  func ends() throws {
    let directory = try TemporaryDirectory()
    let descriptor = try OwnedDescriptor(opening: directory.path, O_RDONLY)
    #expect(throws: FileFailure(call: "read", path: "folder", errno: EISDIR)) {
      try LineStream.read(descriptor.number, path: "folder", longest: 10) { _ in true }
    }
    let file = try #require(fopen(directory.path + "/lines", "w"))
    fputs("a\nb\nc\n", file)
    fclose(file)
    let lines = try OwnedDescriptor(opening: directory.path + "/lines", O_RDONLY)
    var count = 0
    _ = try LineStream.read(lines.number, path: "lines", longest: 10) { _ in
      count += 1
      return count < 2
    }
    #expect(count == 2)
  }
}
