// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@testable import mcastd

struct SettingsOptionsTests {
  @Test("every setting has an option of its name, whose value reaches its key", arguments: Key.allCases)
  func everyKey(key: Key) throws {
    #expect(try SettingsOptions.parse([key.flag, "a b"]).sources.arguments == [key: "a b"])
    #expect(try SettingsOptions.parse(["\(key.flag)=-1"]).sources.arguments == [key: "-1"])
  }

  @Test("there are no other options than those of the settings, --config and --help")
  func noOther() {
    let flags = SettingsOptions.helpMessage(columns: 1000).split(separator: "\n").flatMap { line in
      line.split(separator: " ").prefix(2).filter { $0.hasPrefix("--") }.map(String.init)
    }
    #expect(Set(flags) == Set(Key.allCases.map(\.flag) + ["--config", "--help"]))
    #expect(flags.count == Key.allCases.count + 2)
  }

  @Test("options are combined, and omitted ones are not set")
  func several() throws {
    let sources = try SettingsOptions.parse(["--port", "7", "--config", "a.conf", "--log-rate", "5"]).sources
    #expect(sources.arguments == [.port: "7", .logRate: "5"])
    #expect(sources.configFile == "a.conf")
    let none = try SettingsOptions.parse([]).sources
    #expect(none.arguments == [:])
    #expect(none.configFile == nil)
  }

  @Test(
    "an option without a value, and one that is unknown, are refused",
    arguments: [["--port"], ["--prot", "7"]])
  func refused(arguments: [String]) {
    #expect(throws: (any Error).self) { try SettingsOptions.parse(arguments) }
  }
}
