// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import MQTT

/// What is written of mqtt.conf says what its rows say.
struct ManualTests {
  @Test(
    "each setting is in the manual and in the example, with its default", arguments: BridgeSetting.allCases)
  func settings(setting: BridgeSetting) throws {
    let manual = try SourceTree.read("packaging/man/mcastd-mqtt.conf.5.scd")
    let start = try #require(manual.firstRange(of: "\n*\(setting.rawValue)*\n")?.upperBound)
    let entry = manual[start...].prefix(while: { $0 != "*" })
    let standard = setting.row.standard.isEmpty ? "none" : setting.row.standard
    #expect(entry.contains("Default: \(standard)."))
    let example = try SourceTree.read("packaging/mqtt.conf")
    #expect(example.contains("\n#\(setting.rawValue)=\(setting.row.standard)\n"))
  }

  @Test("the example has the defaults, and its lines are sound where they are no comments")
  func example() throws {
    let example = try SourceTree.read("packaging/mqtt.conf")
    let reader = ConfigurationReader(Array(example.utf8), path: "/m.conf")
    #expect(reader.faults == [] && reader.configuration == BridgeConfiguration())
    let lines = example.split(separator: "\n").map {
      $0.hasPrefix("#") && $0.contains("=") ? $0.dropFirst() : $0
    }
    let text = lines.filter { !$0.hasPrefix(" ") }.joined(separator: "\n")
    let whole = ConfigurationReader(Array(text.utf8), path: "/m.conf")
    #expect(whole.faults == [] && whole.configuration.imports.count == 3)
  }
}
