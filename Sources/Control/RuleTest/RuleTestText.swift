// SPDX-License-Identifier: Apache-2.0

import Heartbeat
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

  /// A condition, its result (T, F or U for unknown), and what it finds of its hosts.
  package static func line(_ line: LineReport) -> ConsoleText {
    let key: ConsoleText = line.isUntil ? "until" : "when"
    var text: ConsoleText = "     \(letter(line.result))  \(key)=\(line.condition.text)\n"
    for host in line.hosts { text += "          \(letter(host.finding.result))  \(self.host(host))\n" }
    if line.more > 0 { text += "             and \(line.more) more\n" }
    return text
  }

  /// `T`, `F` or `U`.
  package static func letter(_ result: Ternary) -> ConsoleText {
    switch result {
    case .yes: "T"
    case .no: "F"
    case .perhaps: "U"
    }
  }

  private static func host(_ host: LineReport.Host) -> ConsoleText {
    let name: ConsoleText = host.host.map { "\($0)" } ?? "this host"
    let value: ConsoleText = host.finding.value.map { ": \($0)" } ?? ""
    let drill: ConsoleText = host.finding.isDrill ? " (drill)" : ""
    let reason: ConsoleText = host.finding.reason.map { ": \(words(for: $0))" } ?? ""
    return name + value + drill + reason
  }

  /// Why it is not known.
  package static func words(for reason: HostFinding.Unknown) -> ConsoleText {
    switch reason {
    case .neverHeard: "never heard"
    case .stale: "not heard for too long"
    case .notSaid: "does not say it"
    case .saidUnknown: "says that it is unknown"
    case .mismatch(.kind): "a number is compared with words"
    case .mismatch(.unit): "another unit"
    case .notAuthentic: "not authentic enough"
    case .contested: "two senders use its name"
    case .notJudged: "not known whether it is there"
    }
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
