// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Multicast
@testable import Platform

struct DropCounterTests {
  private func counter(_ cookie: UInt64, in directory: String?) -> DropCounter {
    DropCounter(cookie: cookie, directory: directory)
  }

  @Test("only new drops are counted, also when the kernel's count wraps")
  func wraps() {
    var drops = counter(7, in: nil)
    #expect(drops.update(.max - 10) == UInt32.max - 10)
    #expect(drops.update(.max) == 10)
    #expect(drops.update(4) == 5)
    #expect(drops.update(4) == 0)
  }

  @Test("the next process continues the count for the same socket and no other")
  func cookie() throws {
    let directory = try TemporaryDirectory()
    var drops = counter(7, in: directory.path)
    #expect(drops.update(42) == 42)
    try drops.write()
    var other = counter(8, in: directory.path)
    #expect(other.update(42) == 42)
    var heir = counter(7, in: directory.path)
    #expect(heir.update(50) == 8)
    try heir.write()
    var last = counter(7, in: directory.path)
    #expect(last.update(50) == 0)
  }

  @Test(
    "a foreign or malformed file is ignored",
    arguments: ["", "7", "7 x", "7 -1", "7 4294967296", "7 1 1", "\0"])
  func garbage(text: String) throws {
    let directory = try TemporaryDirectory()
    try directory.write("receiver-drops", text)
    var drops = counter(7, in: directory.path)
    #expect(drops.update(3) == 3)
  }

  @Test("without a directory nothing is written, and a missing one is a failure that names it")
  func nowhere() throws {
    var nowhere = counter(7, in: nil)
    _ = nowhere.update(42)
    try nowhere.write()
    var gone = counter(7, in: "/nonexistent/mcastd")
    _ = gone.update(42)
    let failure = FileFailure(call: "open", path: "/nonexistent/mcastd/receiver-drops.new", errno: ENOENT)
    #expect(throws: failure) { () throws in try gone.write() }
  }
}
