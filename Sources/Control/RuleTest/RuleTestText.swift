// SPDX-License-Identifier: Apache-2.0

import Platform
import Rules

/// What a test of a rule tells people.
package enum RuleTestText {
  /// A rule is in another state, and what decided.
  ///
  /// - Parameter time: As it is shown.
  package static func transition(_ transition: RuleTransition, at time: String) -> ConsoleText {
    let would: ConsoleText = transition.isDrill ? "would be " : "is "
    let cause: ConsoleText =
      switch transition.cause {
      case .conditions: ""
      case .flips:
        transition.to == .suspended
          ? ": it was entered and left too often (flip-limit)" : ": the time of flip-limit is over"
      case .adopted: ": it was so at the start"
      case .removed: ": the rule is gone"
      case .drillOver: ": the drill is over"
      }
    let head: ConsoleText =
      "\(time)  \(transition.rule) \(would)\(transition.to.rawValue), was \(transition.from.rawValue)"
      + "\(cause)\n"
    return transition.lines.reduce(head) { $0 + line($1) }
  }

  /// A rule is in another state than is expected.
  package static func unexpected(
    _ expectation: Scenario.Expectation, at time: String, _ report: RuleReport, since: String, path: String
  ) -> ConsoleText {
    let found = expectation.isDrill ? report.drill ?? report.state : report.state
    let since: ConsoleText = expectation.isDrill ? "" : " since \(since)"
    let verb: ConsoleText = expectation.isDrill ? "would be" : "is"
    let head: ConsoleText =
      "\(time)  FAILED \(path):\(expectation.line):\(expectation.column): \(expectation.rule) should be "
      + "\(expectation.state.rawValue), and \(verb) \(found.rawValue)\(since)\n"
    return report.lines.reduce(head) { $0 + line($1) }
  }

  /// A condition as `mcastd rules` shows it.
  private static func line(_ line: LineReport) -> ConsoleText {
    let more: ConsoleText = line.more > 0 ? "             and \(line.more) more\n" : ""
    return RuleReply.Condition(line).text + more
  }

  /// How a scenario ended.
  package static func summary(
    _ expectations: Int, failed: Int, transitions: Int, at end: String
  ) -> ConsoleText {
    let result: ConsoleText =
      if expectations == 0 {
        "nothing was expected"
      } else if failed == 0 {
        "\(expectations) \(noun(expectations, "expectation")) met"
      } else {
        "\(failed) of \(expectations) \(noun(expectations, "expectation")) FAILED"
      }
    return "\(end)  end: \(result), \(transitions) \(noun(transitions, "change")) of state\n"
  }

  static func noun(_ count: Int, _ singular: ConsoleText) -> ConsoleText {
    count == 1 ? singular : singular + "s"
  }
}
