// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import Rules

/// The reply to `ListRules`, and what `mcastd rules --json` prints.
package struct RulesReply: Codable, Sendable, Equatable {
  package var rules: [RuleReply]
  /// Why others are not in force, a line each.
  package var leftOut: [String]

  /// The reply without its list, which may be long and is encoded one rule at a time.
  package struct Head: Encodable {
    package static let list = "rules"

    package var leftOut: [String]

    package init(leftOut: [String]) { self.leftOut = leftOut }
  }

  package init(rules: [RuleReply], leftOut: [String]) {
    self.rules = rules
    self.leftOut = leftOut
  }
}

/// A rule in `RulesReply`. Times are microseconds of CLOCK_REALTIME.
package struct RuleReply: Codable, Sendable, Equatable {
  /// What a condition finds of a host.
  package struct Host: Codable, Sendable, Equatable {
    /// Its name or address; empty for this host.
    package var host: String
    /// What it says; `?` where that is unknown.
    package var value: String
    /// `T`, `F` or `U`, which is unknown.
    package var result: String
    /// Why it is unknown; empty where it is known.
    package var reason: String
    /// Whether the value is for practice.
    package var isDrill: Bool
  }

  package struct Condition: Codable, Sendable, Equatable {
    /// `when` or `until`.
    package var kind: String
    /// As the rule has it.
    package var condition: String
    /// `T`, `F` or `U`, which is unknown.
    package var result: String
    package var hosts: [Host]
  }

  package var rule: String
  package var description: String
  /// A raw value of `RuleMachine.State`.
  package var state: String
  package var sinceUsec: Int64
  /// When it goes on if nothing changes; nil for never.
  package var nextUsec: Int64?
  /// The state that it feeds, and the unit that is started for that.
  package var feeds: String
  package var unit: String
  /// `active`, `inactive` and others (ActiveState of systemd); empty where it is not known.
  package var unitState: String
  /// The units that are enabled for it.
  package var wantedBy: [String]
  package var dryRun: Bool
  /// In which state it would be if what is said for practice were true; nil where nothing is.
  package var drill: String?
  package var conditions: [Condition]

  /// - Parameters:
  ///   - unit: The unit's name.
  ///   - unitState: Empty where it is not known.
  ///   - wantedBy: The units that are enabled for it.
  package init(_ report: RuleReport, unit: String, unitState: String, wantedBy: [String]) {
    rule = "\(report.rule.name)"
    description = report.rule.description
    state = report.state.rawValue
    sinceUsec = Clocks.epochMicroseconds(ofMonotonic: report.since)
    nextUsec = report.next.map { Clocks.epochMicroseconds(ofMonotonic: $0) }
    feeds = "\(report.rule.state)"
    (self.unit, self.unitState, self.wantedBy) = (unit, unitState, wantedBy)
    dryRun = report.rule.isDryRun
    drill = report.drill?.rawValue
    conditions = report.lines.map(Condition.init)
  }
}

extension RuleReply.Condition {
  init(_ line: LineReport) {
    kind = line.isUntil ? "until" : "when"
    condition = line.condition.text
    result = line.result.letter
    hosts = line.hosts.map(RuleReply.Host.init)
  }
}

extension RuleReply.Host {
  fileprivate init(_ found: LineReport.Host) {
    host = found.host.map { "\($0)" } ?? ""
    value = found.finding.value.map { "\($0)" } ?? "?"
    result = found.finding.result.letter
    reason = found.finding.reason.map { "\($0)" } ?? ""
    isDrill = found.finding.isDrill
  }
}

extension Ternary {
  fileprivate var letter: String {
    switch self {
    case .yes: "T"
    case .no: "F"
    case .perhaps: "U"
    }
  }
}

extension RulesReply {
  /// By name.
  package func sorted() -> RulesReply {
    RulesReply(rules: rules.sorted { $0.rule < $1.rule }, leftOut: leftOut)
  }

  /// Each rule line by line, for people.
  package var text: ConsoleText {
    guard !rules.isEmpty || !leftOut.isEmpty else {
      return "no rules: see mcastd.rule(5) for how to write one, in rules.directory\n"
    }
    var text: ConsoleText = ""
    for rule in rules { text += rule.text + "\n" }
    for line in leftOut { text += "not in force: \(line)\n" }
    return text
  }
}

extension RuleReply {
  fileprivate var text: ConsoleText {
    var text: ConsoleText = "\(rule): \(state) since \(CivilTime.toSecond(sinceUsec))\n"
    if !description.isEmpty { text += "  \(description)\n" }
    if dryRun { text += "  dry-run: nothing is done\n" }
    if let next = nextText { text += "  \(next)\n" }
    if let drill { text += "  for practice: \(drill)\n" }
    if !dryRun, !unit.isEmpty { text += "  \(unit): \(unitText)\n" }
    for condition in conditions { text += condition.text }
    return text
  }

  private var nextText: ConsoleText? {
    guard let nextUsec else { return nil }
    switch RuleMachine.State(rawValue: state) {
    case .pending: return "active at \(CivilTime.toSecond(nextUsec)) if it stays so"
    case .releasing: return "inactive at \(CivilTime.toSecond(nextUsec)) if it stays so"
    case .suspended:
      return "suspended until \(CivilTime.toSecond(nextUsec)), for it came and went too often (flip-limit)"
    case .active: return "held until \(CivilTime.toSecond(nextUsec)), for it is unknown whether it should end"
    case .inactive, nil: return nil
    }
  }

  private var unitText: ConsoleText {
    let wanted: ConsoleText =
      wantedBy.isEmpty
      ? "no unit is enabled for it, so that nothing is done" : "\(wantedBy.joined(separator: ", "))"
    return unitState.isEmpty ? "its state is not known" : "\(unitState), \(wanted)"
  }
}

extension RuleReply.Condition {
  /// A line, and one for each host.
  var text: ConsoleText {
    var text: ConsoleText = "  \(kind.padded(to: 5)) \(result)  \(condition)\n"
    let width = hosts.map(\.name.count).max() ?? 0
    for host in hosts {
      let reason: ConsoleText = host.reason.isEmpty ? "" : "  \(host.reason)"
      let drill: ConsoleText = host.isDrill ? "  for practice" : ""
      text +=
        "          \(host.result)  \(host.name.padded(to: width))  \(host.value)" + reason + drill + "\n"
    }
    return text
  }
}

extension RuleReply.Host {
  fileprivate var name: String { host.isEmpty ? "this host" : host }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
