// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Platform

struct FileLinesTests {
  private func lines(of text: [UInt8], limit: Int = 1 << 20) throws -> [[UInt8]] {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/lines"
    let file = try #require(fopen(path, "w"))
    fwrite(text, 1, text.count, file)
    fclose(file)
    var lines: [[UInt8]] = []
    try FileLines.read(path, limit: limit) {
      lines.append(Array($0))
      return true
    }
    return lines
  }

  @Test("lines of any length are those that a split of the whole file gives", arguments: 1...5)
  func split(seed: Int) throws {
    var random = SeededRandom(testSeed: UInt64(seed))
    var text: [UInt8] = []
    while text.count < 400_000 {
      let length = [0, 1, 300, 65_535, 65_536, 65_537, 150_000][random.below(7)]
      text += [UInt8](repeating: UInt8(97 + random.below(26)), count: length) + [10]
    }
    if random.chance(0.5) { text.removeLast() }
    #expect(try lines(of: text) == text.split(separator: 10).map(Array.init))
  }

  @Test("a last line needs no end, and an empty file has none")
  func ends() throws {
    #expect(try lines(of: []) == [])
    #expect(try lines(of: Array("\n\n".utf8)) == [])
    #expect(try lines(of: Array("a\n\nb".utf8)) == [Array("a".utf8), Array("b".utf8)])
  }

  @Test("a file that is too long, or no regular one, is refused as a whole")
  func refused() throws {
    #expect(try lines(of: Array("abc\n".utf8), limit: 5).count == 1)
    #expect(throws: FileFailure.self) { try lines(of: Array("abc\n".utf8), limit: 4) }
    let directory = try TemporaryDirectory()
    for path in [directory.path, "/dev/null", directory.path + "/none"] {
      #expect(throws: FileFailure.self) { try FileLines.read(path, limit: 100) { _ in true } }
    }
  }

  @Test("no line is passed after the one that was the last to be of use")
  func stopped() throws {
    let directory = try TemporaryDirectory()
    let file = try #require(fopen(directory.path + "/lines", "w"))
    fputs("a\nb\nc\n", file)
    fclose(file)
    var count = 0
    try FileLines.read(directory.path + "/lines", limit: 100) { _ in
      count += 1
      return count < 2
    }
    #expect(count == 2)
  }
}
