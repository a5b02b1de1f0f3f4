// SPDX-License-Identifier: Apache-2.0

import Platform
import TestSupport
import Testing

@testable import Settings

struct FileTests {
  let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  /// What a load of the named file says went wrong, with the directory shortened to `DIR`.
  private func refusal(_ name: String, named: Bool = true) -> String {
    let path = directory.path + "/" + name
    let error = #expect(throws: SettingsError.self) {
      try Settings.load(
        named ? SettingsSources(configFile: path) : SettingsSources(standardFile: path))
    }
    return error.map { "\($0)".replacing(directory.path, with: "DIR") } ?? "accepted"
  }

  @Test("drop-ins come after the file in the order of their names, and the later holds")
  func dropIns() throws {
    let path = try directory.write("mcastd.conf", "port=1\ngroup=239.0.0.1\nttl=1\n")
    try directory.makeDirectory("mcastd.conf.d")
    try directory.write("mcastd.conf.d/20-b.conf", "port=3\n")
    try directory.write("mcastd.conf.d/10-a.conf", "port=2\nttl=2\n")
    try directory.write("mcastd.conf.d/30-c.conf~", "port=4\n")
    try directory.write("mcastd.conf.d/.40-d.conf", "peers.max=77\n")
    for sources in [SettingsSources(standardFile: path), SettingsSources(configFile: path)] {
      let settings = try Settings.load(sources)
      #expect(settings.origin(.port) == .file(path: path + ".d/20-b.conf", line: 1))
      #expect(settings.value(.port) == "3")
      #expect(settings.origin(.ttl) == .file(path: path + ".d/10-a.conf", line: 2))
      #expect(settings.origin(.group) == .file(path: path, line: 2))
      #expect(settings.origin(.peersMax) == .default)
    }
  }

  @Test("drop-ins hold without the file, and a link to /dev/null is an empty one")
  func dropInsAlone() throws {
    try directory.makeDirectory("mcastd.conf.d")
    try directory.write("mcastd.conf.d/a.conf", "port=2\n")
    try directory.link("mcastd.conf.d/b.conf", to: "/dev/null")
    let settings = try Settings.load(SettingsSources(standardFile: directory.path + "/mcastd.conf"))
    #expect(settings.value(.port) == "2")
  }

  @Test("in one file the later of two lines holds")
  func duplicates() throws {
    let path = try directory.write("x.conf", "port=1\nport=2\n")
    #expect(try Settings.load(SettingsSources(configFile: path)).origin(.port) == .file(path: path, line: 2))
  }

  @Test("an empty value takes back what was set before it")
  func reset() throws {
    let path = try directory.write("mcastd.conf", "port=7\n[publish]\ngroup=239.2.2.2\n")
    try directory.makeDirectory("mcastd.conf.d")
    try directory.write("mcastd.conf.d/a.conf", "port=\n[publish]\ngroup=\n")
    let settings = try Settings.load(SettingsSources(standardFile: path))
    #expect(settings.origin(.port) == .default)
    #expect(settings.value(.publishGroup) == "239.1.1.1")
  }

  @Test("the standard file may be absent, a named one may not")
  func absent() throws {
    let path = directory.path + "/absent/mcastd.conf"
    #expect(try Settings.load(SettingsSources(standardFile: path)).value(.port) == "5001")
    #expect(
      refusal("absent/mcastd.conf")
        == "DIR/absent/mcastd.conf: open: No such file or directory (ENOENT)")
  }

  @Test("what is no file to read is refused, and does not hang")
  func notAFile() throws {
    try directory.makeDirectory("directory.conf")
    #expect(refusal("directory.conf") == "DIR/directory.conf: read: Is a directory (EISDIR)")
    #expect(refusal("directory.conf", named: false) == "DIR/directory.conf: read: Is a directory (EISDIR)")
    try directory.makeDirectory("mcastd.conf.d")
    try directory.makeFIFO("mcastd.conf.d/pipe.conf")
    let path = directory.path + "/mcastd.conf"
    #expect(try Settings.load(SettingsSources(standardFile: path)).value(.port) == "5001")
  }

  @Test("an error in a file names the file and the line")
  func syntaxError() throws {
    try directory.write("a.conf", "port=1\n\nnonsense\n")
    #expect(refusal("a.conf") == "DIR/a.conf:3: expected key=value, [section] or a comment")
    try directory.write("b.conf", bytes: [0x7f, 0x45, 0x4c, 0x46, 0, 1])
    #expect(refusal("b.conf") == "DIR/b.conf:1: byte 127 is not text")
    try directory.write("c.conf", bytes: [UInt8](repeating: 0x23, count: INI.maximumSize + 1))
    #expect(refusal("c.conf") == "DIR/c.conf: larger than 1MiB")
    try directory.makeDirectory("d.conf.d")
    try directory.write("d.conf", "")
    try directory.write("d.conf.d/x.conf", "\n[publish]\nport=0\n")
    #expect(refusal("d.conf") == "DIR/d.conf.d/x.conf:3: publish.port=0: publish.port must be 1–65535")
  }
}
