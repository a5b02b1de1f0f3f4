// SPDX-License-Identifier: Apache-2.0

import Platform

/// The file of a rule, `NAME.rule`: `key=value` lines, comments and continued lines as in mcastd.conf(5),
/// without sections.
package enum RuleFile {
  /// Bytes of the largest file.
  package static let largestSize = 65_536
  /// Conditions of a rule.
  static let mostConditions = 64

  /// The keys that a rule has.
  enum Key: String, CaseIterable {
    case description, when, `for`, until, fresh, authenticated, state
    case releaseFor = "release-for"
    case onUnknown = "on-unknown"
    case holdFor = "hold-for"
    case flipLimit = "flip-limit"
    case dryRun = "dry-run"

    var mayRepeat: Bool { self == .when || self == .until }
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - bytes: All that it has, or one more than `largestSize`.
  ///   - path: Of the file, for errors; its last part names the rule.
  /// - Throws: All that is wrong with it.
  package static func parse(_ bytes: [UInt8], path: String) throws(RuleFileError) -> Rule {
    var reader = Reader(path: path)
    guard let name = RuleName(file: String(path.split(separator: "/").last ?? "")) else {
      throw RuleFileError([
        RuleFault(path: path, problem: "the name of a rule's file must be \(RuleName.accepted), and .rule")
      ])
    }
    guard bytes.count <= largestSize else {
      throw RuleFileError([
        RuleFault(path: path, problem: "a rule has at most \(Quantity.bytesText(largestSize))")
      ])
    }
    return try reader.rule(name, INI.parse(bytes))
  }

  private struct Reader {
    let path: String
    var faults: [RuleFault] = []
    /// The line of each key that does not repeat.
    var lines: [Key: Int] = [:]

    init(path: String) { self.path = path }

    mutating func rule(_ name: RuleName, _ contents: INI.Contents) throws(RuleFileError) -> Rule {
      faults = contents.errors.map { RuleFault(path: path, line: $0.line, problem: $0.problem) }
      var rule = Rule(name, when: [])
      for assignment in contents.assignments { take(assignment, into: &rule) }
      if rule.when.isEmpty, faults.isEmpty {
        faults.append(
          RuleFault(
            path: path, problem: "has no when=: it must be at least one \(ConditionParser.accepted)"))
      }
      guard faults.isEmpty else { throw RuleFileError(faults) }
      return rule
    }

    private mutating func take(_ assignment: INI.Assignment, into rule: inout Rule) {
      guard assignment.section.isEmpty else {
        return add(
          "\(assignment.key) stands below [\(assignment.section)]: remove that line, a rule has no sections",
          at: assignment)
      }
      guard let key = Key(rawValue: assignment.key) else {
        let keys = Key.allCases.map(\.rawValue)
        let nearest = Similarity.nearest(to: assignment.key, in: keys).map { ", did you mean \($0)?" }
        return add(
          "\(assignment.key) is no key of a rule\(nearest ?? ""): it must be one of "
            + keys.joined(separator: ", "), at: assignment)
      }
      if !key.mayRepeat {
        if let line = lines[key] {
          return add("\(key.rawValue) stands in line \(line) already: write it once", at: assignment)
        }
        lines[key] = assignment.line
      }
      set(key, assignment, of: &rule)
    }

    private mutating func set(_ key: Key, _ assignment: INI.Assignment, of rule: inout Rule) {
      switch key {
      case .description: rule.description = String(assignment.value.prefix(256))
      case .when: add(assignment, to: &rule.when, besides: rule.until.count)
      case .until: add(assignment, to: &rule.until, besides: rule.when.count)
      case .for: if let span = span(assignment, from: 0) { rule.holdsFor = span }
      case .releaseFor: if let span = span(assignment, from: 0) { rule.releaseFor = span }
      case .holdFor: if let span = span(assignment, from: 0) { rule.holdFor = span }
      case .fresh: if let span = span(assignment, from: 1) { rule.terms.fresh = span }
      case .onUnknown: if let choice = choice(of: Rule.OnUnknown.self, assignment) { rule.onUnknown = choice }
      case .authenticated:
        if let choice = choice(of: Rule.Authenticated.self, assignment) { rule.terms.authenticated = choice }
      case .flipLimit: if let limit = flipLimit(assignment) { rule.flipLimit = limit }
      case .dryRun: if let choice = choice(of: YesNo.self, assignment) { rule.isDryRun = choice == .yes }
      case .state:
        guard let state = RuleName(assignment.value) else {
          return refuse(assignment, "it must be \(RuleName.accepted)")
        }
        rule.state = state
      }
    }

    private enum YesNo: String, CaseIterable { case yes, no }

    private mutating func add(
      _ assignment: INI.Assignment, to conditions: inout [RuleCondition], besides: Int
    ) {
      do throws(ConditionParser.Fault) {
        conditions.append(try ConditionParser.parse(assignment.value))
      } catch {
        let (line, column) = assignment.place(ofByte: error.offset)
        faults.append(
          RuleFault(path: path, line: line, column: column, problem: "\(assignment.key): \(error.problem)"))
      }
      if conditions.count + besides == RuleFile.mostConditions + 1 {
        add("a rule has at most \(RuleFile.mostConditions) conditions", at: assignment)
      }
    }

    /// - Parameter least: In nanoseconds.
    private mutating func span(_ assignment: INI.Assignment, from least: Int64) -> Int64? {
      guard let span = Quantity.nanoseconds(assignment.value).map(Int64.init), span >= least,
        span <= RuleFile.longestSpan
      else {
        refuse(
          assignment,
          "it must be a time with a unit, as in 10s or 5min, " + (least > 0 ? "more than 0, " : "")
            + "at most \(RuleFile.longestSpan / 3_600_000_000_000)h")
        return nil
      }
      return span
    }

    private mutating func flipLimit(_ assignment: INI.Assignment) -> Rule.FlipLimit? {
      let parts = assignment.value.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, let count = Quantity.whole(parts[0].trimmingBlanks()),
        (2...RuleFile.mostFlips).contains(count),
        let span = Quantity.nanoseconds(parts[1].trimmingBlanks()).map(Int64.init),
        (1_000_000_000...RuleFile.longestSpan).contains(span)
      else {
        refuse(
          assignment,
          "it must be how often the state may be entered or left, 2 to \(RuleFile.mostFlips), and within "
            + "which time, 1s to \(RuleFile.longestSpan / 3_600_000_000_000)h, as in 6/1h")
        return nil
      }
      return Rule.FlipLimit(count: count, span: span)
    }

    private mutating func choice<Choice: RawRepresentable & CaseIterable>(
      of _: Choice.Type, _ assignment: INI.Assignment
    ) -> Choice? where Choice.RawValue == String {
      if let choice = Choice(rawValue: assignment.value) { return choice }
      refuse(assignment, "it must be \(Choice.allCases.map(\.rawValue).joined(separator: " or "))")
      return nil
    }

    private mutating func refuse(_ assignment: INI.Assignment, _ accepted: String) {
      add(
        "\(assignment.key): \(quoted(assignment.value)) is not accepted: \(accepted)",
        at: assignment)
    }

    private mutating func add(_ problem: String, at assignment: INI.Assignment) {
      let (line, column) = assignment.place(ofByte: 0)
      faults.append(RuleFault(path: path, line: line, column: column, problem: problem))
    }
  }

  /// The highest number in `flip-limit`.
  static let mostFlips = 1000
  /// Longest span that a rule may name, in nanoseconds: 31 days.
  static let longestSpan: Int64 = 31 * 24 * 3_600_000_000_000
}
