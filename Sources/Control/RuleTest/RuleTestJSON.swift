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
    var drill: Bool?
    var cause: String?
    var lines: [Line]
  }

  struct Line: Encodable, Equatable {
    var condition: String
    /// Whether it is one of `until`.
    var until: Bool
    /// `true`, `false` or `unknown`.
    var result: String
    var hosts: [Host]
    /// Hosts beyond these.
    var more: Int?

    init(_ line: LineReport) {
      condition = line.condition.text
      until = line.isUntil
      result = RuleTestJSON.word(line.result)
      hosts = line.hosts.map(Host.init)
      more = line.more > 0 ? line.more : nil
    }
  }

  struct Host: Encodable, Equatable {
    /// Nil for this host.
    var host: String?
    var value: String?
    var result: String
    /// Why it is unknown.
    var reason: String?
    var drill: Bool?

    init(_ host: LineReport.Host) {
      self.host = host.host.map { "\($0)" }
      value = host.finding.value?.text
      result = RuleTestJSON.word(host.finding.result)
      reason = host.finding.reason.map { "\(RuleTestText.words(for: $0))" }
      drill = host.finding.isDrill ? true : nil
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
        to: transition.to.rawValue, drill: transition.isDrill ? true : nil, cause: cause,
        lines: transition.lines.map(Line.init)))
  }

  static func unexpected(
    _ expectation: Scenario.Expectation, at time: String, usec: Int64, _ report: RuleReport
  ) -> ConsoleText {
    let found = expectation.isDrill ? report.drill ?? report.state : report.state
    return encoded(
      Entry(
        time: time, usec: usec, rule: expectation.rule.text, line: expectation.line,
        expected: expectation.state.rawValue, found: found.rawValue, drill: expectation.isDrill ? true : nil,
        lines: report.lines.map(Line.init)))
  }

  private static func word(_ result: Ternary) -> String {
    switch result {
    case .yes: "true"
    case .no: "false"
    case .perhaps: "unknown"
    }
  }

  private static func encoded(_ entry: Entry) -> ConsoleText {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(entry) else { return "" }
    return "\(ConsoleText(json: String(decoding: data, as: UTF8.self)))\n"
  }
}
