// SPDX-License-Identifier: Apache-2.0

import CommandLineTool
import Glibc
import Settings
import Testing

@testable import mcastd

struct CompletionWordsTests {
  @Test("in a list the items before the last stay, and are not offered again")
  func list() {
    let names = ["lo", "eth0", "eth1"]
    #expect(CompletionWords.list(names, completing: "") == ["auto", "lo", "eth0", "eth1"])
    #expect(CompletionWords.list(names, completing: "e") == ["auto", "lo", "eth0", "eth1"])
    #expect(CompletionWords.list(names, completing: "eth0,e") == ["eth0,lo", "eth0,eth1"])
    #expect(CompletionWords.list(names, completing: "eth0,lo,") == ["eth0,lo,eth1"])
  }

  @Test("a name that a shell could take for more than a word is not offered")
  func hostile() {
    let names = ["$(reboot)", "`x`", "a b", "a'b", "e\u{1b}[31m", "ü", "*", "br-0.5_x@"]
    #expect(CompletionWords.list(names, completing: "") == ["auto", "br-0.5_x@"])
    #expect(CompletionWords.list(names, completing: "lo,") == ["lo,br-0.5_x@"])
  }

  @Test("instances are those that run, are enabled or were written, each once")
  func instances() throws {
    var template = Array("/tmp/mcastd-words-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let directories = [
      "/run", "/run/mcastd", "/run/mcastd-lab", "/run/mcastd-$(x)", "/run/systemd", "/run/systemd/system",
      "/etc",
      "/etc/systemd", "/etc/systemd/system", "/etc/systemd/system/multi-user.target.wants",
    ]
    let links = [
      "/etc/systemd/system/multi-user.target.wants/mcastd@plant.service",
      "/etc/systemd/system/multi-user.target.wants/mcastd@lab.service",
      "/etc/systemd/system/mcastd@own.service",
      "/etc/systemd/system/mcastd@.service", "/run/systemd/system/mcastd@now.service",
    ]
    for directory in directories { try #require(mkdir(root + directory, 0o700) == 0) }
    for link in links { try #require(symlink("/dev/null", root + link) == 0) }
    defer {
      for path in links + directories.reversed() { remove(root + path) }
      rmdir(root)
    }
    #expect(CompletionWords.instances(root: root) == ["lab", "now", "own", "plant"])
    #expect(CompletionWords.instances(root: root + "/nowhere") == [])
  }

  @Test("what is offered for a setting is what it accepts", arguments: Key.allCases)
  func choices(key: Key) throws {
    for choice in key.choices {
      let settings = try Settings.load(
        SettingsSources(
          // For auth.mode.
          arguments: [key: choice], environment: ["MCASTD_NAME": "host1"],
          standardFile: "/nonexistent/mcastd.conf"))
      #expect(settings.effective.first { $0.key == key }?.value == choice)
    }
  }
}
