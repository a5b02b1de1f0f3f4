// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Multicast
@testable import Platform

struct DropBaselineTests {
  @Test("what was written is read back for the same socket, and for no other")
  func cookie() throws {
    let directory = try TemporaryDirectory()
    var baseline = DropBaseline(directory: directory.path)
    #expect(baseline.read(cookie: 7) == nil)
    try baseline.write(cookie: 7, drops: 42)
    #expect(baseline.read(cookie: 7) == 42)
    #expect(baseline.read(cookie: 8) == nil)
    #expect(DropBaseline(directory: directory.path).read(cookie: 7) == 42)
    try baseline.write(cookie: .max, drops: .max)
    #expect(baseline.read(cookie: .max) == .max)
    #expect(baseline.read(cookie: 7) == nil)
  }

  @Test(
    "a file that is not ours counts as none",
    arguments: ["", "7", "7 x", "7 -1", "7 4294967296", "7 1 1", "\0"])
  func garbage(text: String) throws {
    let directory = try TemporaryDirectory()
    let file = try #require(fopen(directory.path + "/receiver-drops", "w"))
    fwrite(text, 1, text.utf8.count, file)
    fclose(file)
    #expect(DropBaseline(directory: directory.path).read(cookie: 7) == nil)
  }

  @Test("without a directory nothing is kept, and one that is gone is a failure that names it")
  func nowhere() throws {
    var nowhere = DropBaseline(directory: nil)
    try nowhere.write(cookie: 7, drops: 42)
    #expect(nowhere.read(cookie: 7) == nil)
    var gone = DropBaseline(directory: "/nonexistent/mcastd")
    let failure = FileFailure(call: "open", path: "/nonexistent/mcastd/receiver-drops.new", errno: ENOENT)
    #expect(throws: failure) { () throws in try gone.write(cookie: 7, drops: 42) }
    #expect(gone.read(cookie: 7) == nil)
  }
}
