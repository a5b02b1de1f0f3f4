// SPDX-License-Identifier: Apache-2.0

import Facts
import Testing

@Suite("Ages of files of readings")
struct ReadingFileAgeTests {
  private static let second: Int64 = 1_000_000_000
  private static let now = 1_700_000_000 * second
  private static let limit = 30 * second
  private static let tmpfs = FileSystemKind(magic: 0x0102_1994)

  private func problem(
    age: Int64, limit: Int64 = limit, on system: FileSystemKind = tmpfs
  ) -> ReadingFileFault.Problem? {
    ReadingFileAge.problem(modified: Self.now - age, now: Self.now, limit: limit, on: system)
  }

  @Test("a file expires when it is older than the limit")
  func expiry() {
    #expect(problem(age: 0) == nil)
    #expect(problem(age: Self.limit) == nil)
    #expect(problem(age: Self.limit + 1) == .expired(limit: Self.limit))
    #expect(problem(age: Self.now) == .expired(limit: Self.limit))
    #expect(problem(age: Self.limit + 1, limit: .max) == nil)
  }

  @Test("a clock that is off by a little is no matter, by more than 5 s it is")
  func future() {
    #expect(problem(age: -5 * Self.second) == nil)
    #expect(problem(age: -5 * Self.second - 1) == .future)
  }

  @Test(
    "what the kernel makes when it is read has no age",
    arguments: [0x6265_6572, 0x9fa0, 0x6462_6720, 0x6367_7270, 0x27_e0eb] as [Int64])
  func exempt(magic: Int64) {
    let system = FileSystemKind(magic: magic)
    #expect(problem(age: Self.now, on: system) == nil)
    #expect(problem(age: -Self.now, on: system) == nil)
  }

  @Test(
    "what others write has one",
    arguments: [0x0102_1994, 0xef53, 0x6969, 0x6573_5546, 0x6265_6570, 0, -1] as [Int64])
  func judged(magic: Int64) {
    #expect(problem(age: Self.now, on: FileSystemKind(magic: magic)) == .expired(limit: Self.limit))
  }

  @Test("times that no clock had are old or of the future")
  func hostile() {
    for now in [Self.now, 0, Int64.max] {
      #expect(
        ReadingFileAge.problem(modified: .min, now: now, limit: Self.limit, on: Self.tmpfs)
          == .expired(limit: Self.limit))
    }
    for now in [Self.now, 0, Int64.min] {
      #expect(
        ReadingFileAge.problem(modified: .max, now: now, limit: Self.limit, on: Self.tmpfs) == .future)
    }
    #expect(ReadingFileAge.nanoseconds(second: 1, nanosecond: 5) == Self.second + 5)
    #expect(ReadingFileAge.nanoseconds(second: -1, nanosecond: 5) == 5 - Self.second)
    #expect(ReadingFileAge.nanoseconds(second: .max, nanosecond: 0) == .max)
    #expect(ReadingFileAge.nanoseconds(second: .min, nanosecond: 999_999_999) == .min)
    #expect(ReadingFileAge.nanoseconds(second: 9_223_372_036, nanosecond: 999_999_999) == .max)
  }
}
