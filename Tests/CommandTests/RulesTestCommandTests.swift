// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import TestSupport
import Testing

@testable import mcastd

struct RulesTestCommandTests {
  @Test(
    "a scenario or a journal is played, never both and never neither",
    arguments: [
      ["a"], ["a", "b", "--journal", "-"], [], ["a", "b", "c"], ["a", "b", "--name", "db1"],
      ["a", "--journal", "-", "--name", "db_1"], ["a", "b", "--instance", "lab"],
    ])
  func usage(_ arguments: [String]) {
    let error = #expect(throws: (any Error).self) {
      try Mcastd.parseAsRoot(["rules", "test"] + arguments)
    }
    // EX_USAGE of sysexits(3).
    #expect(error.map { Mcastd.exitCode(for: $0).rawValue } == 64)
  }

  @Test("options are those of the command that they follow")
  func options() throws {
    let test = try Mcastd.parseAsRoot(["rules", "test", "a", "b", "--json"])
    #expect((test as? RulesTestCommand)?.json == true)
    for arguments in [
      ["rules", "--json", "--instance", "lab"], ["rules", "show", "--json", "--instance", "lab"],
    ] {
      let show = try #require(try Mcastd.parseAsRoot(arguments) as? RulesCommand.Show)
      #expect(show.json && show.control.instance == "lab")
    }
  }

  @Test("the exit status says whether all was as expected, and whether the files could be read")
  func status() throws {
    let directory = try TemporaryDirectory()
    func status(_ scenario: String, rule: String = "when=any of a: x.y = 1\n") throws -> Int32? {
      let rule = try directory.write("r.rule", rule)
      var command = try Mcastd.parseAsRoot(
        ["rules", "test", rule, try directory.write("scenario", scenario)])
      do {
        try command.run()
        return nil
      } catch { return Mcastd.exitCode(for: error).rawValue }
    }
    #expect(try status("0s a x.y=2\n1s expect r inactive") == 0)
    #expect(try status("0s a x.y=2\n1s expect r active") == 1)
    #expect(try status("0s a x.y") == 78)
    #expect(try status("0s a x.y=2", rule: "when=x") == 78)
  }
}
