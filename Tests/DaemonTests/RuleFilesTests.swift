// SPDX-License-Identifier: Apache-2.0

import Glibc
import Settings
import TestSupport
import Testing

@testable import Daemon

struct RuleFilesTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func write(_ name: String, _ value: String) throws {
    try directory.write("\(name).rule", "when=ups.status has \(value)\nuntil=ups.status has OL\n")
  }

  private func read() throws -> RuleFiles {
    RuleFiles(try Settings.with([.rulesDirectory: directory.path, .name: "h1"]))
  }

  @Test("says which rules are new, changed and removed, and nothing of those that are as they were")
  func changes() throws {
    for name in ["a", "b", "c"] { try write(name, "OB") }
    let before = try read()
    #expect(before.rules.count == 3 && before.changes(from: before) == [])
    #expect(before.changes(from: RuleFiles()) == ["a (new)", "b (new)", "c (new)"])
    try write("b", "LB")
    #expect(unlink("\(directory.path)/c.rule") == 0)
    try write("d", "OB")
    #expect(try read().changes(from: before) == ["b (changed)", "c (removed)", "d (new)"])
  }
}
