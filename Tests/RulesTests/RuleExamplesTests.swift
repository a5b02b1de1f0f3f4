// SPDX-License-Identifier: Apache-2.0

import Platform
import TestSupport
import Testing

@testable import Rules

/// The rules in `systemd/examples`, each with a scenario and with units for its state.
struct RuleExamplesTests {
  static let folder = "systemd/examples"

  static func names(_ suffix: String) throws -> [String] {
    try DirectoryNames.read("\(SourceTree.root)/\(folder)").filter { $0.hasSuffix(suffix) }.sorted()
  }

  private static func rule(_ file: String) throws -> Rule {
    try RuleFile.parse(Array(SourceTree.read("\(folder)/\(file)").utf8), path: "\(folder)/\(file)")
  }

  @Test("there is one for each task, and for each a scenario")
  func all() throws {
    let rules = try Self.names(".rule").map { String($0.dropLast(5)) }
    #expect(rules == ["fans-off", "lamp", "power-low", "rack-silent"])
    #expect(try Self.names(".scenario").map { String($0.dropLast(9)) } == rules)
  }

  @Test(
    "each is read without a fault, wants keys, and says what an operator needs", arguments: try names(".rule")
  )
  func rule(_ file: String) throws {
    let rule = try Self.rule(file)
    #expect(rule.needsOthers && rule.terms.authenticated == .yes && !rule.isDryRun)
    #expect(!rule.description.isEmpty)
    // In which order the lines of the comment are broken is no matter.
    let text = try SourceTree.read("\(Self.folder)/\(file)").replacing("\n# ", with: " ")
    for word in [
      "mcastd.rule(5)", "/etc/mcastd/rules.d/\(file)", "systemctl reload mcastd", "dry-run=yes",
      "mcastd set --test", "mcastd rules test \(file) \(rule.name).scenario",
      "MCAST_RULE=\(rule.name)", "mcastd-state@\(rule.name).target", "auth.mode=require",
    ] {
      #expect(text.contains(word), "\(file) does not say \(word)")
    }
  }

  @Test("the scenario of each holds, and enters and leaves its state", arguments: try names(".rule"))
  func scenario(_ file: String) throws {
    let rule = try Self.rule(file)
    let path = "\(Self.folder)/\(rule.name).scenario"
    let scenario = try ScenarioParser.parse(
      Array(SourceTree.read(path).utf8), path: path, rules: [rule.name])
    #expect(scenario.expectationCount >= 4)
    var states: [RuleMachine.State] = []
    ScenarioPlayer.play(scenario, [rule]) { event in
      switch event {
      case .unexpected(let expectation, _, let report):
        Issue.record("\(path):\(expectation.line): \(expectation.state), but \(report.state)")
      case .transition(let transition, _): states.append(transition.to)
      case .end: break
      }
    }
    #expect(states.contains(.active) && states.last == .inactive)
    #expect(!states.contains(.suspended))
  }

  @Test("each state has a unit that is enabled for it, and stops with it", arguments: try names(".rule"))
  func unit(_ file: String) throws {
    let rule = try Self.rule(file)
    let units = try (Self.names(".service") + Self.names(".timer")).filter {
      try SourceTree.lines("\(Self.folder)/\($0)").contains("WantedBy=mcastd-state@\(rule.state).target")
    }
    let unit = try #require(units.first)
    #expect(units.count == 1 && unit.hasPrefix("\(rule.name)."))
    let lines = try SourceTree.lines("\(Self.folder)/\(unit)")
    #expect(lines.contains("StopWhenUnneeded=yes"))
    #expect(lines.contains { $0.hasPrefix("#") && $0.contains("systemctl enable \(unit)") })
  }

  @Test("the fans' rule is that of the manual")
  func manual() throws {
    #expect(try Self.rule("fans-off.rule") == RulesTests.rule(fansOff))
  }

  @Test("what shuts a host down is spread, and is a shutdown")
  func shutdown() throws {
    let timer = try SourceTree.lines("\(Self.folder)/power-low.timer")
    #expect(timer.contains("RandomizedDelaySec=30s") && timer.contains("FixedRandomDelay=yes"))
    let service = try SourceTree.lines("\(Self.folder)/power-low.service")
    #expect(service.filter { $0.hasPrefix("Exec") } == ["ExecStart=/usr/bin/systemctl poweroff"])
    #expect(!service.contains("[Install]"))
  }
}
