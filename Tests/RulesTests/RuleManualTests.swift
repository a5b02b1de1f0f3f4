// SPDX-License-Identifier: Apache-2.0

import Facts
import Liveness
import Platform
import TestSupport
import Testing

@testable import Rules

/// mcastd.rule(5) against the code.
struct RuleManualTests {
  private let page: String

  init() throws { page = try SourceTree.read("packaging/man/mcastd.rule.5.scd") }

  /// The default of a key, as the manual has it after "Default".
  private func byDefault(_ key: RuleFile.Key) throws -> String? {
    let rule = try rule("when=temp.inlet < 27C")
    switch key {
    case .when: return nil
    case .until: return rule.until.isEmpty ? "none." : nil
    case .for: return "_\(Quantity.timeText(Int(rule.holdsFor)))_."
    case .releaseFor: return rule.releaseFor == nil ? "that of _for_." : nil
    case .onUnknown: return "_\(rule.onUnknown.rawValue)_."
    case .holdFor: return "_\(Quantity.timeText(Int(rule.holdFor)))_."
    case .flipLimit:
      return "_\(rule.flipLimit.count)/\(Quantity.timeText(Int(rule.flipLimit.span)))_."
    case .fresh: return rule.terms.fresh == nil ? "\(HostFacts.freshBeats) beats of the host" : nil
    case .authenticated: return "_\(rule.terms.authenticated.rawValue)_."
    case .dryRun: return rule.isDryRun ? "_yes_." : "_no_."
    case .state: return rule.state == rule.name ? "that of the rule." : nil
    case .description: return rule.description.isEmpty ? "empty." : nil
    }
  }

  @Test("the manual has every key with its default", arguments: RuleFile.Key.allCases)
  func keys(key: RuleFile.Key) throws {
    let entry = try #require(page.split(separator: "\n*\(key.rawValue)=*\n").dropFirst().first)
    let text = (entry.split(separator: "\n*").first ?? "").split { $0.isWhitespace }.joined(separator: " ")
    guard let value = try byDefault(key) else {
      #expect(text.contains("there is no default"))
      return
    }
    #expect(text.contains("Default \(value)"), "\(text)")
  }

  @Test("the manual has every choice, operator, state and word, and every limit")
  func words() {
    let choices =
      Rule.OnUnknown.allCases.map(\.rawValue) + Rule.Authenticated.allCases.map(\.rawValue)
      + ReadingTest.Operator.allCases.map(\.rawValue) + RuleMachine.State.allCases.map(\.rawValue)
      + PeerState.allCases.map(\.rawValue)
    let marked = Set(
      page.split { $0.isWhitespace || "_*".contains($0) }.map { String($0.drop { ",.;:(".contains($0) }) })
    for choice in choices { #expect(marked.contains(choice), "\(choice)") }
    for word in ScenarioParser.deedWords.dropLast() { #expect(page.contains("*\(word)*"), "\(word)") }
    for word in [Scenario.ownWord, ScenarioParser.drillWord, "expect"] {
      #expect(page.contains("*\(word)*"), "\(word)")
    }
    let limits = [
      "\(RuleFile.mostConditions) in all", "\(RuleFile.largestSize / 1024) KiB",
      "\(RuleName.longest) of _a-z_",
      "\(RuleFile.longestSpan / 3_600_000_000_000)h", "at most \(ConditionParser.mostHosts)",
      "up to \(HostPattern.mostStars) stars", "at most \(ScenarioParser.longest / 3_600_000_000_000)h",
    ]
    let text = page.split { $0.isWhitespace }.joined(separator: " ")
    for limit in limits { #expect(text.contains(limit), "\(limit)") }
  }

  @Test("the rule and the scenario of the manual are what they say they are")
  func examples() throws {
    let parts = page.split(separator: "```\n")
    let blocks = parts.indices.filter { !$0.isMultiple(of: 2) }.map { String(parts[$0]) }
    let ruleText = try #require(blocks.first { $0.hasPrefix("# /etc/mcastd/rules.d/fans-off.rule") })
    let rule = try rule(ruleText)
    let text = try #require(blocks.first { $0.hasPrefix("# the mains fail") })
    let scenario = try ScenarioParser.parse(Array(text.utf8), path: "manual", rules: [rule.name])
    #expect(scenario.expectationCount == 3)
    ScenarioPlayer.play(scenario, [rule]) { event in
      if case .unexpected(let expectation, _, let report) = event {
        Issue.record("\(expectation.line): \(report.state)")
      }
    }
    let others = blocks.filter { $0.contains("when=") && !$0.hasPrefix("#") }
    #expect(others.count == 3)
    for text in others { _ = try self.rule(text) }
  }

  private func rule(_ text: String) throws -> Rule {
    try RuleFile.parse(Array(text.utf8), path: "/etc/mcastd/rules.d/fans-off.rule")
  }
}
