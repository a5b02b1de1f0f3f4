// SPDX-License-Identifier: Apache-2.0

import Glibc
import Heartbeat
import Platform
import TestSupport
import Testing

@testable import Daemon

@Suite("Watched directories")
struct DirectoryWatchTests {
  @Test("events say what happened to which name")
  func events() throws {
    let files = try TemporaryDirectory()
    let watch = try DirectoryWatch()
    let number = try watch.add(files.path)
    #expect(try watch.add(files.path) == number)
    #expect(watch.read() == [])
    try files.write("a", "1")
    try files.link("b", to: "a")
    #expect(rename("\(files.path)/a", "\(files.path)/c") == 0)
    #expect(unlink("\(files.path)/b") == 0)
    let events = watch.read()
    #expect(events.allSatisfy { $0.watch == number && !$0.isOverflow && !$0.isEnd })
    #expect(events.map(\.name) == ["a", "a", "b", "a", "c", "b"])
    #expect(events.map(\.isOfNames) == [true, false, true, true, true, true])
    #expect(events.map(\.isRemoval) == [false, false, false, true, false, true])
    watch.remove(number)
    #expect(watch.read().map(\.isEnd) == [true])
  }

  @Test("a directory that is not there or is none is refused")
  func refused() throws {
    let files = try TemporaryDirectory()
    let watch = try DirectoryWatch()
    let file = try files.write("a", "1")
    for (path, errno) in [("\(files.path)/none", ENOENT), (file, ENOTDIR)] {
      #expect(throws: FileFailure(call: "inotify_add_watch", path: path, errno: errno)) {
        try watch.add(path)
      }
    }
  }

  @Test("bytes of any kind are events, or none")
  func hostile() {
    var random = SeededRandom(testSeed: 16)
    for _ in 0..<5000 {
      var bytes = (0..<random.below(100)).map { _ in UInt8(random.below(256)) }
      // A length that fits, often.
      if bytes.count > 16, random.chance(0.7) {
        bytes.replaceSubrange(12..<16, with: [UInt8(random.below(40)), 0, 0, 0])
      }
      let events = bytes.withUnsafeBytes { DirectoryWatch.events(in: $0) }
      #expect(events.count <= bytes.count / 16)
    }
  }

  @Test("names belong to readings until these do not need them")
  func names() throws {
    let (one, other) = (try #require(ReadingKey("a.a")), try #require(ReadingKey("b.b")))
    var watched = WatchedNames()
    let (x, y, z) = (
      WatchedName(watch: 1, name: "x"), WatchedName(watch: 1, name: "y"), WatchedName(watch: 2, name: "x")
    )
    #expect(watched.set([x, z], of: one) == [])
    #expect(watched.set([x, y], of: other) == [])
    #expect(watched.keys(of: x) == [one, other])
    #expect(watched.keys(of: y) == [other])
    #expect(watched.keys(in: 1) == [one, other])
    #expect(watched.keys(in: 2) == [one])
    #expect(watched.set([x], of: one) == [2])
    #expect(!watched.isUsed(2) && watched.isUsed(1))
    #expect(watched.set([y], of: one) == [])
    #expect(watched.keys(of: x) == [other])
    #expect(watched.keep([one]) == [])
    #expect(watched.keys(in: 1) == [one])
    #expect(watched.keep([]) == [1])
    #expect(watched.keys(in: 1) == [])
  }
}
