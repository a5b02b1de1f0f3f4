// SPDX-License-Identifier: Apache-2.0

import Facts
import Glibc
import Heartbeat
import Platform
import TestSupport
import Testing

@testable import Daemon

@Suite("One file of a reading")
struct ReadingFileTests {
  private let files: TemporaryDirectory

  init() throws { files = try TemporaryDirectory() }

  private func read(_ name: String, _ watch: DirectoryWatch? = nil) -> ReadingFile {
    ReadingFile("\(files.path)/\(name)", watch: watch)
  }

  private func value(_ name: String) throws -> String? { try read(name).content?.get().text }

  private func problem(_ name: String) -> ReadingFileFault.Problem? {
    guard case .failure(let problem) = read(name).content else { return nil }
    return problem
  }

  @Test("a file is read by its name or over symlinks")
  func values() throws {
    try files.makeDirectory("run")
    try files.write("run/status", "OB DISCHRG\r\nmore\n")
    try files.link("absolute", to: "\(files.path)/run/status")
    try files.link("relative", to: "run/status")
    try files.link("run/back", to: "../relative")
    try files.link("far", to: "run/back")
    for name in ["run/status", "absolute", "relative", "far"] {
      #expect(try value(name) == "OB DISCHRG")
    }
    #expect(read("none").content == nil)
  }

  @Test("a file of a sensor's name is scaled where a symlink leads to it")
  func sensors() throws {
    try files.write("temp1_input", "23456\n")
    try files.link("temp.inlet", to: "temp1_input")
    try files.link("temp.again", to: "temp.inlet")
    #expect(try value("temp.inlet") == "23.456C")
    #expect(try value("temp.again") == "23.456C")
    #expect(try value("temp1_input") == "23456")
    try files.write("temp1_input", "no\n")
    #expect(problem("temp.inlet") == .noInteger(unit: "C"))
  }

  @Test("what is no regular file is not opened")
  func others() throws {
    try files.makeDirectory("folder")
    try files.makeFIFO("fifo")
    try files.link("null", to: "/dev/null")
    let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    #expect(UnixAddress(path: "\(files.path)/socket")?.withSockaddr { bind(socket, $0, $1) } == 0)
    #expect(problem("folder") == .isDirectory)
    for name in ["fifo", "null", "socket"] { #expect(problem(name) == .notRegular) }
    // Its other end would have been let go by an open.
    let end = open("\(files.path)/fifo", O_WRONLY | O_NONBLOCK)
    #expect(end == -1 && errno == ENXIO)
  }

  @Test("a symlink that leads nowhere says where to")
  func dangling() throws {
    try files.link("gone", to: "run/status")
    try files.link("below", to: "\(files.path)/file/status")
    try files.write("file", "OL")
    try files.link("circle", to: "circle")
    #expect(problem("gone") == .dangling("\(files.path)/run/status"))
    #expect(problem("below") == .dangling("\(files.path)/file/status"))
    #expect(problem("circle") == .links)
    for number in 0..<9 { try files.link("link\(number)", to: number == 0 ? "file" : "link\(number - 1)") }
    #expect(try value("link7") == "OL")
    #expect(problem("link8") == .links)
  }

  @Test("of a large file as much is read as a value may have")
  func large() throws {
    try files.write("lines", "OL\n" + String(repeating: "x\n", count: 1 << 19))
    try files.write("line", String(repeating: "x", count: 1 << 20))
    try files.write("binary", bytes: (0...255).map { UInt8($0) })
    try files.write("empty", "")
    #expect(try value("lines") == "OL")
    #expect(problem("line") == .tooLong)
    #expect(problem("binary") == .notPrintable)
    #expect(problem("empty") == .empty)
  }

  @Test("files of the kernel are of it, and others are as old as they are")
  func systems() throws {
    try files.link("cgroup", to: "/proc/self/cgroup")
    try files.link("address", to: "/sys/class/net/lo/address")
    try files.write("own", "1")
    #expect(read("cgroup").system.makesContent)
    #expect(read("address").system.makesContent)
    #expect(try value("address") == "00:00:00:00:00:00")
    let own = read("own")
    #expect(!own.system.makesContent)
    #expect(abs(own.modified - Clocks.realtime()) < 10_000_000_000)
  }

  @Test(
    "a symlink of another user leads to no file but his own",
    .enabled(if: geteuid() == 0, "needs root, to give files away"))
  func owners() throws {
    try files.write("secret", "key hmac-sha256 AAAA")
    try files.write("his", "OB")
    try files.link("status", to: "secret")
    try files.link("good", to: "his")
    try files.link("ups.status", to: "status")
    try files.link("ups.good", to: "good")
    for name in ["status", "good", "his"] { #expect(lchown("\(files.path)/\(name)", 12_345, 12_345) == 0) }
    #expect(problem("ups.status") == .strangersLink("\(files.path)/status"))
    #expect(try value("ups.good") == "OB")
    #expect(lchown("\(files.path)/his", 12_346, 12_346) == 0)
    #expect(problem("ups.good") == .strangersLink("\(files.path)/good"))
    #expect(lchown("\(files.path)/good", 0, 0) == 0)
    #expect(try value("ups.good") == "OB")
  }

  @Test("the directories of symlinks and their file are watched")
  func watches() throws {
    let watch = try DirectoryWatch()
    try files.makeDirectory("run")
    try files.makeDirectory("other")
    try files.link("ups.status", to: "run/status")
    try files.link("run/status", to: "../other/value")
    let run = try watch.add("\(files.path)/run")
    let other = try watch.add("\(files.path)/other")
    let expected: Set = [
      WatchedName(watch: run, name: "status"), WatchedName(watch: other, name: "value"),
    ]
    #expect(read("ups.status", watch).watched == expected)
    #expect(problem("ups.status") == .dangling("\(files.path)/run/../other/value"))
    try files.write("other/value", "OB")
    #expect(read("ups.status", watch).watched == expected)
    #expect(watch.read().map(\.name) == ["value", "value"])
  }
}
