// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Platform
import Rules

/// What a test of a rule tells programs: an object a line.
enum RuleTestJSON {
  /// A rule is in another state, or in another one than is expected.
  struct Entry: Encodable, Equatable {
    /// As people are shown it.
    var time: String
    /// From the beginning of a scenario, or since the epoch.
    var usec: Int64
    var rule: String
    var from: String?
    var to: String?
    /// In a line of a scenario.
    var line: Int?
    var expected: String?
    var found: String?
    /// Whether it would be so if values for practice were true.
    var isDrill: Bool
    var cause: String?
    var conditions: [Condition]
  }

  /// A condition as `mcastd rules --json` has it.
  struct Condition: Encodable, Equatable {
    private var condition: RuleReply.Condition
    /// Hosts beyond those that it has.
    private var more: Int?

    init(_ line: LineReport) {
      condition = RuleReply.Condition(line)
      more = line.more > 0 ? line.more : nil
    }

    private enum CodingKeys: String, CodingKey { case more }

    func encode(to encoder: any Encoder) throws {
      try condition.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encodeIfPresent(more, forKey: .more)
    }
  }

  static func transition(_ transition: RuleTransition, at time: String, usec: Int64) -> ConsoleText {
    let cause: String? =
      switch transition.cause {
      case .conditions: nil
      case .flips: "flip-limit"
      case .adopted: "adopted"
      case .removed: "removed"
      case .drillOver: "drill-over"
      }
    return encoded(
      Entry(
        time: time, usec: usec, rule: transition.rule.text, from: transition.from.rawValue,
        to: transition.to.rawValue, isDrill: transition.isDrill, cause: cause,
        conditions: transition.lines.map(Condition.init)))
  }

  static func unexpected(
    _ expectation: Scenario.Expectation, at time: String, usec: Int64, _ report: RuleReport
  ) -> ConsoleText {
    let found = expectation.isDrill ? report.drill ?? report.state : report.state
    return encoded(
      Entry(
        time: time, usec: usec, rule: expectation.rule.text, line: expectation.line,
        expected: expectation.state.rawValue, found: found.rawValue, isDrill: expectation.isDrill,
        conditions: report.lines.map(Condition.init)))
  }

  private static func encoded(_ entry: Entry) -> ConsoleText {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(entry) else { return "" }
    return "\(ConsoleText(json: String(decoding: data, as: UTF8.self)))\n"
  }
}
