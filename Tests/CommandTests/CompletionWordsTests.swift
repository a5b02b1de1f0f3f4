// SPDX-License-Identifier: Apache-2.0

import CommandLineTool
import Glibc
import Settings
import TestSupport
import Testing

@testable import mcastd

struct CompletionWordsTests {
  @Test("in a list the items before the last stay, and are not offered again")
  func list() {
    let names = ["lo", "eth0", "eth1"]
    #expect(CompletionWords.list(names, or: "auto", completing: "") == ["auto", "lo", "eth0", "eth1"])
    #expect(CompletionWords.list(names, or: "auto", completing: "e") == ["auto", "lo", "eth0", "eth1"])
    #expect(CompletionWords.list(names, or: "auto", completing: "eth0,e") == ["eth0,lo", "eth0,eth1"])
    #expect(CompletionWords.list(names, or: "auto", completing: "eth0,lo,") == ["eth0,lo,eth1"])
  }

  @Test("a name that a shell could take for more than a word is not offered")
  func hostile() {
    let names = ["$(reboot)", "`x`", "a b", "a'b", "e\u{1b}[31m", "ü", "*", "br-0.5_x@"]
    #expect(CompletionWords.list(names, or: "auto", completing: "") == ["auto", "br-0.5_x@"])
    #expect(CompletionWords.list(names, or: "auto", completing: "lo,") == ["lo,br-0.5_x@"])
  }

  @Test("nothing is added to a list with a word that a shell could expand")
  func hostileList() {
    #expect(CompletionWords.list(["lo"], or: "auto", completing: "$(reboot),") == [])
  }

  @Test("instances are those that run, are enabled, were written or are configured, each once")
  func instances() throws {
    let directory = try TemporaryDirectory()
    for path in ["run/mcastd", "run/mcastd-lab", "run/mcastd-$(x)"] { try directory.makeDirectories(path) }
    for path in [
      "etc/systemd/system/multi-user.target.wants/mcastd@plant.service",
      "etc/systemd/system/multi-user.target.wants/mcastd@lab.service",
      "etc/systemd/system/mcastd@own.service", "etc/systemd/system/mcastd@.service",
      "run/systemd/system/mcastd@now.service", "etc/mcastd/mcastd.conf", "etc/mcastd/mqtt.conf",
      "etc/mcastd/stopped.conf", "etc/mcastd/lab.conf", "etc/mcastd/.conf", "etc/mcastd/$(x).conf",
      "etc/mcastd/notes.txt", "etc/mcastd/mcastd.conf.d/more.conf",
    ] {
      try directory.makeDirectories(path.split(separator: "/").dropLast().joined(separator: "/"))
      try directory.write(path, "")
    }
    #expect(CompletionWords.instances(root: directory.path) == ["lab", "now", "own", "plant", "stopped"])
    #expect(CompletionWords.instances(root: directory.path + "/nowhere") == [])
  }

  @Test("for a rule the names in rules.directory are offered, and files, directories with a slash")
  func rules() throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectories("rules.d/sub")
    for name in ["ups.rule", "note", ".hidden.rule", "$(x).rule", "a b.rule"] {
      try directory.write("rules.d/\(name)", "")
    }
    let rules = directory.path + "/rules.d"
    defer { withExtendedLifetime(directory) {} }
    #expect(
      CompletionWords.rules(in: rules, completing: "\(rules)/") == [
        "ups", "\(rules)/note", "\(rules)/sub/", "\(rules)/ups.rule",
      ])
    #expect(CompletionWords.paths(completing: "\(rules)/.h") == ["\(rules)/.hidden.rule"])
    #expect(CompletionWords.paths(completing: "\(rules)/$(x)/") == [])
    #expect(CompletionWords.rules(in: "/nonexistent", completing: "/nonexistent/") == [])
  }

  @Test("where no daemon is, and whatever the line is, nothing of it is offered")
  func noDaemon() {
    let line = ["mcastd", "peers", "--control", "/nonexistent/socket", ""]
    for index in [4, 0, -1, 5, Int.max, Int.min] {
      let daemon = DaemonWords(line: line, index: index)
      #expect(daemon.peers() + daemon.addresses() + daemon.hosts() == [])
      #expect(daemon.ownKeys() + daemon.assignments() == [])
    }
    for line in [[], ["--control"], ["--control", "="], ["--instance="], ["--instance", "=", "x/y"]] {
      #expect(DaemonWords(line: line, index: line.count).assignments() == [])
    }
  }

  @Test("what is offered for a setting is what it accepts", arguments: Key.allCases)
  func choices(key: Key) throws {
    for choice in CompletionWords.values(of: key) {
      let settings = try Settings.load(
        SettingsSources(
          // For auth.mode.
          arguments: [key: choice], environment: ["MCASTD_NAME": "host1"],
          standardFile: "/nonexistent/mcastd.conf"))
      #expect(settings.effective.first { $0.key == key }?.value == choice)
    }
  }
}

extension TemporaryDirectory {
  /// A directory, with those that it is in.
  fileprivate func makeDirectories(_ path: String) throws {
    let parts = path.split(separator: "/")
    for count in 1...parts.count {
      let directory = parts.prefix(count).joined(separator: "/")
      if access(self.path + "/" + directory, F_OK) != 0 { try makeDirectory(directory) }
    }
  }
}
