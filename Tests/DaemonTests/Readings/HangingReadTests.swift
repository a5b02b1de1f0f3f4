// SPDX-License-Identifier: Apache-2.0

import Glibc
import Heartbeat
import TestSupport
import Testing

@testable import Daemon
@testable import Facts
@testable import Platform

@Suite(
  "Reads that hang", .enabled(if: HangingFileSystem.isAvailable, "\(HangingFileSystem.need)"),
  .timeLimit(.minutes(1)))
struct HangingReadTests {
  // Let go of first: a directory with the file system in it could not be removed.
  private let system: HangingFileSystem
  private let fixture: ReadingsFixture

  init() async throws {
    fixture = try ReadingsFixture()
    try fixture.files.makeDirectory("mount")
    let path = "\(fixture.files.path)/mount"
    system = try await OwnThread.value { try HangingFileSystem(at: path) }
    try fixture.files.write("run/status", "0")
    try fixture.link("ups.status", to: "status")
  }

  /// Another reading is seen to change, as if nothing were the matter.
  private func changeAnother() async throws {
    for number in 1...20 {
      let start = Clocks.monotonic()
      try fixture.files.write("run/status", "\(number)")
      await fixture.wait(for: ["ups.status": "\(number)"])
      // Not for the second that the hanging one is given.
      #expect(Clocks.elapsed(since: start) < 500_000_000)
    }
  }

  @Test(
    "a read that hangs makes its reading unknown and no other, until it returns", arguments: ["file", "lost"])
  func recovers(name: String) async throws {
    try fixture.link("temp.inlet", to: "\(fixture.files.path)/mount/\(name)")
    let start = Clocks.monotonic()
    // Told without it: it is not known yet that it hangs.
    #expect(await fixture.start() == ["ups.status": "0"])
    try await changeAnother()
    await fixture.wait(for: ["temp.inlet": "?"])
    #expect(Clocks.elapsed(since: start) >= 1_000_000_000)
    #expect(fixture.problem("temp.inlet") == .hangs)
    for _ in 0..<10 {
      await fixture.readings.read()
      await fixture.readings.settle()
    }
    try await changeAnother()
    #expect(try await system.waiting() == [name])
    try system.answer("21.5C")
    await fixture.wait(for: ["temp.inlet": "21.5C"])
    #expect(fixture.problem("temp.inlet") == nil)
    // It was asked for again meanwhile.
    try system.answer("22.5C")
    await fixture.readings.read()
    await fixture.wait(for: ["temp.inlet": "22.5C"])
  }

  @Test("with 63 reads that hang the last one is read as before")
  func many() async throws {
    for number in 10..<73 { try fixture.link("hung.\(number)", to: "\(fixture.files.path)/mount/\(number)") }
    let start = Clocks.monotonic()
    _ = await fixture.start()
    print("told after \(Clocks.elapsed(since: start) / 1_000_000) ms")
    try await changeAnother()
    let files = await fixture.changes.wait { $0.values.count == 64 }
    print("all hang after \(Clocks.elapsed(since: start) / 1_000_000) ms")
    #expect(files.values.values.filter { $0 == .unknown }.count == 63)
    try await changeAnother()
    #expect(try await system.waiting().count == 63)
    try system.answer("1")
    await fixture.changes.wait { !$0.values.values.contains(.unknown) }
    #expect(fixture.changes.latest?.faults == [])
  }

  @Test("what a read returns too late is used only where its file is still wanted")
  func unwanted() async throws {
    try fixture.link("temp.inlet", to: "\(fixture.files.path)/mount/file")
    _ = await fixture.start()
    await fixture.wait(for: ["temp.inlet": "?"])
    #expect(unlink("\(fixture.path)/temp.inlet") == 0)
    await fixture.changes.wait { $0.values.count == 1 && $0.faults.isEmpty }
    let count = fixture.changes.all.count
    try system.answer("21.5C")
    try await changeAnother()
    #expect(fixture.changes.all.dropFirst(count).allSatisfy { Array($0.texts.keys) == ["ups.status"] })
  }

  @Test("a directory that hangs is told, and a stop does not wait for it")
  func directory() async throws {
    let path = "\(fixture.files.path)/mount/lost"
    await fixture.readings.set(path: path, expire: 30_000_000_000)
    await fixture.readings.start()
    let files = await fixture.changes.wait { !$0.faults.isEmpty }
    #expect(files == ReadingFiles(faults: [ReadingFileFault(path: path, problem: .hangs)]))
    let start = Clocks.monotonic()
    await fixture.readings.stop()
    #expect(Clocks.elapsed(since: start) < 500_000_000)
    #expect(try await system.waiting() == ["lost"])
  }
}
