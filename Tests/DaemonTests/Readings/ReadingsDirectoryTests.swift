// SPDX-License-Identifier: Apache-2.0

import Glibc
import Heartbeat
import Synchronization
import TestSupport
import Testing

@testable import Daemon
@testable import Facts
@testable import Platform

@Suite("A directory of readings", .timeLimit(.minutes(1)))
struct ReadingsDirectoryTests {
  private let fixture: ReadingsFixture

  init() throws { fixture = try ReadingsFixture() }

  @Test("its files are told once all were read, and again when one differs")
  func values() async throws {
    try fixture.write("ups.status", "OL\n")
    try fixture.write("note~", "x")
    try fixture.files.write("run/temp1_input", "23456\n")
    try fixture.link("temp.inlet", to: "temp1_input")
    #expect(await fixture.start() == ["ups.status": "OL", "temp.inlet": "23.456C"])
    #expect(fixture.changes.latest?.faults == [])
    for _ in 0..<3 {
      await fixture.readings.read()
      await fixture.readings.settle()
    }
    #expect(fixture.changes.all.count == 1)
    try fixture.write("ups.status", "OB\n")
    await fixture.wait(for: ["ups.status": "OB", "temp.inlet": "23.456C"])
  }

  @Test("each kind of fault makes the reading unknown, and hides no other")
  func faults() async throws {
    try fixture.write("good.one", "1V")
    try fixture.files.makeFIFO("readings.d/a.fifo")
    try fixture.files.makeDirectory("readings.d/a.folder")
    try fixture.write("a.long", String(repeating: "x", count: 1 << 20))
    try fixture.files.write("readings.d/a.binary", bytes: [0, 1, 2, 255])
    try fixture.write("a.crlf", "24.5C\r\n")
    try fixture.link("a.dangling", to: "none")
    try fixture.link("a.device", to: "/dev/zero")
    try fixture.write("a.future", "1")
    try fixture.touch("readings.d/a.future", 60)
    try fixture.write("a.old", "1")
    try fixture.touch("readings.d/a.old", -31)
    try fixture.write("a.almost", "1")
    try fixture.touch("readings.d/a.almost", -20)
    try fixture.write("README", "1")
    try fixture.write("test.ups.status", "OB")
    let unknown = ["a.fifo", "a.folder", "a.long", "a.binary", "a.dangling", "a.device", "a.future", "a.old"]
    var expected = ["good.one": "1V", "a.crlf": "24.5C", "a.almost": "1"]
    for name in unknown { expected[name] = "?" }
    #expect(await fixture.start() == expected)
    #expect(fixture.problem("a.fifo") == .notRegular)
    #expect(fixture.problem("a.folder") == .isDirectory)
    #expect(fixture.problem("a.long") == .tooLong)
    #expect(fixture.problem("a.binary") == .notPrintable)
    #expect(fixture.problem("a.dangling") == .dangling("\(fixture.files.path)/run/none"))
    #expect(fixture.problem("a.device") == .notRegular)
    #expect(fixture.problem("a.future") == .future)
    #expect(fixture.problem("a.old") == .expired(limit: 30_000_000_000))
    #expect(fixture.problem("README") == .name)
    #expect(fixture.problem("test.ups.status") == .name)
    #expect(fixture.changes.latest?.faults.count == 10)
    // And the end of one is seen.
    try fixture.files.write("run/none", "OK")
    await fixture.readings.read()
    await fixture.wait(for: ["a.dangling": "OK"])
    #expect(fixture.problem("a.dangling") == nil)
  }

  @Test("of a hundred files the first 64 are read, and of thousands of names few are looked at")
  func many() async throws {
    for number in 100..<200 { try fixture.write("zone.\(number)", "\(number)") }
    let expected = Dictionary(uniqueKeysWithValues: (100..<164).map { ("zone.\($0)", "\($0)") })
    #expect(await fixture.start() == expected)
    let first = try #require(ReadingKey("zone.164"))
    #expect(fixture.problem() == .leftOut(first, count: 36))
    for number in 0..<2000 { try fixture.write("X\(number)", "") }
    let files = await fixture.changes.wait { files in files.faults.contains { $0.problem == .tooManyNames } }
    #expect(files.values.count <= 64)
    #expect(files.faults.count <= 35)
  }

  @Test("names that come and go are seen without a heartbeat")
  func names() async throws {
    try fixture.write("ups.status", "OL")
    #expect(await fixture.start() == ["ups.status": "OL"])
    try fixture.replace("readings.d/temp.inlet", "20C")
    await fixture.wait(for: ["ups.status": "OL", "temp.inlet": "20C"])
    try fixture.files.write("run/load", "7%")
    try fixture.link("ups.load", to: "load")
    await fixture.wait(for: ["ups.load": "7%"])
    #expect(unlink("\(fixture.path)/ups.status") == 0)
    let files = await fixture.changes.wait { $0.values.count == 2 }
    #expect(files.texts == ["temp.inlet": "20C", "ups.load": "7%"])
    try fixture.write("README", "")
    await fixture.changes.wait { $0.faults.count == 1 }
    #expect(unlink("\(fixture.path)/README") == 0)
    await fixture.changes.wait { $0.faults.isEmpty }
  }

  @Test("a change behind symlinks is seen within a few milliseconds", arguments: ["write", "rename"])
  func prompt(how: String) async throws {
    try fixture.files.write("run/status", "0")
    try fixture.files.link("run/alias", to: "status")
    try fixture.link("ups.status", to: "alias")
    #expect(await fixture.start() == ["ups.status": "0"])
    var times: [Int64] = []
    for number in 1...50 {
      let start = Clocks.monotonic()
      if how == "write" {
        try fixture.files.write("run/status", "\(number)")
      } else {
        try fixture.replace("run/status", "\(number)")
      }
      await fixture.wait(for: ["ups.status": "\(number)"])
      times.append(Clocks.elapsed(since: start))
    }
    times.sort()
    print("\(how): median \(times[25] / 1000) µs, longest \(times[49] / 1000) µs")
    #expect(times[25] < 20_000_000)
  }

  @Test("a file that is replaced without rest is never torn or missing", arguments: [false, true])
  func replaced(isLink: Bool) async throws {
    let (one, other) = (String(repeating: "a", count: 256), String(repeating: "b", count: 256))
    let name = isLink ? "run/status" : "readings.d/ups.status"
    try fixture.replace(name, one)
    if isLink { try fixture.link("ups.status", to: "status") }
    _ = await fixture.start()
    let isOver = Atomic(false)
    async let writes: Void = OwnThread.value { [fixture] in
      for number in 1...3000 { try fixture.replace(name, number % 2 == 0 ? one : other) }
      isOver.store(true, ordering: .relaxed)
    }
    while !isOver.load(ordering: .relaxed) {
      await fixture.readings.read()
      await fixture.readings.settle()
    }
    try await writes
    try fixture.replace(name, "end")
    await fixture.wait(for: ["ups.status": "end"])
    let all = fixture.changes.all
    #expect(all.allSatisfy { $0.faults.isEmpty && $0.values.count == 1 })
    #expect(Set(all.flatMap { $0.texts.values }) == [one, other, "end"])
    print("\(all.count) changes were told of 3000")
  }

  @Test("a file that is written without rename is never empty in between")
  func truncated() async throws {
    try fixture.files.write("run/status", "0")
    try fixture.link("ups.status", to: "status")
    _ = await fixture.start()
    let isOver = Atomic(false)
    async let writes: Void = OwnThread.value { [fixture] in
      for number in 1...3000 { try fixture.files.write("run/status", "\(number)") }
      isOver.store(true, ordering: .relaxed)
    }
    while !isOver.load(ordering: .relaxed) {
      await fixture.readings.read()
      await fixture.readings.settle()
    }
    try await writes
    await fixture.wait(for: ["ups.status": "3000"])
    #expect(fixture.changes.all.allSatisfy { $0.faults.isEmpty && !$0.values.values.contains(.unknown) })
    // One that stays empty is.
    try fixture.files.write("run/status", "")
    while fixture.problem("ups.status") == nil {
      await fixture.readings.read()
      await fixture.readings.executor.pause(milliseconds: 20)
    }
    #expect(fixture.problem("ups.status") == .empty)
    #expect(fixture.changes.latest?.texts == ["ups.status": "?"])
  }

  @Test("a directory that a symlink leads to may come later, and again")
  func later() async throws {
    let (files, readings) = (fixture.files, fixture.readings)
    try fixture.link("ups.status", to: "\(files.path)/late/status")
    #expect(await fixture.start() == ["ups.status": "?"])
    for text in ["OL", "OB"] {
      try files.makeDirectory("late")
      try files.write("late/status", "first")
      await readings.read()
      await fixture.wait(for: ["ups.status": "first"])
      // From now on without a heartbeat.
      try files.write("late/status", text)
      await fixture.wait(for: ["ups.status": text])
      #expect(unlink("\(files.path)/late/status") == 0)
      await fixture.wait(for: ["ups.status": "?"])
      #expect(rmdir("\(files.path)/late") == 0)
    }
  }

  @Test("the directory itself may come later, and another one after a reload")
  func reload() async throws {
    let files = fixture.files
    #expect(rmdir(fixture.path) == 0)
    #expect(await fixture.start() == [:])
    #expect(fixture.problem() == .noDirectory(errno: ENOENT))
    try files.makeDirectory("readings.d")
    try fixture.write("ups.status", "OL")
    await fixture.readings.read()
    await fixture.wait(for: ["ups.status": "OL"])
    #expect(fixture.problem() == nil)
    try files.makeDirectory("other.d")
    try files.write("other.d/ups.load", "5%")
    try files.write("other.d/ups.old", "5%")
    try fixture.touch("other.d/ups.old", -20)
    await fixture.readings.set(path: "\(files.path)/other.d", expire: 30_000_000_000)
    await fixture.wait(for: ["ups.load": "5%"])
    #expect(fixture.changes.latest?.texts == ["ups.load": "5%", "ups.old": "5%"])
    await fixture.readings.set(path: "\(files.path)/other.d", expire: 10_000_000_000)
    await fixture.wait(for: ["ups.load": "5%", "ups.old": "?"])
    // The first is watched no more, the second is.
    let count = fixture.changes.all.count
    try fixture.write("ups.status", "OB")
    try files.write("other.d/ups.load", "6%")
    await fixture.wait(for: ["ups.load": "6%"])
    #expect(fixture.changes.all.count == count + 1)
  }

  @Test("a file that is not written any more expires, and one that is touched is good again")
  func expiry() async throws {
    try fixture.files.write("run/status", "OL")
    try fixture.link("ups.status", to: "status")
    try fixture.link("net.address", to: "/sys/class/net/lo/address")
    #expect(await fixture.start() == ["ups.status": "OL", "net.address": "00:00:00:00:00:00"])
    // Seen at once: IN_ATTRIB.
    try fixture.touch("run/status", -40)
    await fixture.wait(for: ["ups.status": "?"])
    #expect(fixture.problem("ups.status") == .expired(limit: 30_000_000_000))
    try fixture.touch("run/status", 0)
    await fixture.wait(for: ["ups.status": "OL"])
    await fixture.readings.set(path: fixture.path, expire: 1_000_000_000)
    while fixture.problem("ups.status") == nil {
      await fixture.readings.executor.pause(milliseconds: 50)
      await fixture.readings.read()
    }
    #expect(fixture.changes.latest?.texts == ["ups.status": "?", "net.address": "00:00:00:00:00:00"])
  }

  @Test("lost events have all files read")
  func overflow() async throws {
    try fixture.files.write("run/status", "0")
    try fixture.link("ups.status", to: "status")
    _ = await fixture.start()
    // More than fs.inotify.max_queued_events, while nobody reads them.
    let isFlooded = Atomic(false)
    async let hold: Void = fixture.readings.hold { isFlooded.load(ordering: .acquiring) }
    let limit = try SourceTree.text("/proc/sys/fs/inotify/max_queued_events")
    let most = try #require(Int(limit.filter(\.isNumber)))
    try await OwnThread.value { [fixture] in
      for number in 0...most + 10 { try fixture.files.write("run/flood\(number % 2)", "") }
      try fixture.files.write("run/status", "1")
    }
    isFlooded.store(true, ordering: .releasing)
    await hold
    await fixture.wait(for: ["ups.status": "1"])
  }

  @Test("after a stop nothing is told")
  func stopped() async throws {
    try fixture.write("ups.status", "OL")
    _ = await fixture.start()
    await fixture.readings.stop()
    try fixture.write("ups.status", "OB")
    await fixture.readings.read()
    await fixture.readings.settle()
    #expect(fixture.changes.all.count == 1)
    await fixture.readings.start()
    await fixture.wait(for: ["ups.status": "OB"])
  }
}

extension ReadingsDirectory {
  /// Keeps the actor busy.
  fileprivate func hold(until isOver: @Sendable () -> Bool) { while !isOver() { usleep(1000) } }
}
