// SPDX-License-Identifier: Apache-2.0

import Glibc
import Heartbeat
import Platform
import Rules

/// `mcastd rules test`: plays a scenario, or the heartbeats of a journal, through a rule.
package struct RuleTest {
  /// Bytes of the longest line of a journal.
  private static let longestLine = 1 << 20

  /// Where results and errors go, a line or several at once.
  package struct Output {
    package var print: (ConsoleText) -> Void
    package var printError: (ConsoleText) -> Void

    package init(print: @escaping (ConsoleText) -> Void, printError: @escaping (ConsoleText) -> Void) {
      self.print = print
      self.printError = printError
    }

    /// Standard output and standard error.
    package static var console: Output { Output(print: Console.print, printError: Console.printError) }
  }

  private let json: Bool
  private let output: Output
  private var transitions = 0
  private var failures = 0

  /// - Parameter json: Whether to print an object a line.
  package init(json: Bool, output: Output = .console) {
    self.json = json
    self.output = output
  }

  /// The file that an argument means: a path, or the name of a rule.
  ///
  /// - Parameter directory: `rules.directory`.
  package static func path(of argument: String, in directory: String) -> String {
    argument.contains("/") || argument.hasSuffix(RuleName.fileSuffix)
      ? argument : "\(directory)/\(argument)\(RuleName.fileSuffix)"
  }

  // MARK: A scenario

  /// Plays a scenario through the rule of a file.
  ///
  /// - Returns: The exit status.
  package mutating func play(_ scenarioPath: String, through rulePath: String) -> Int32 {
    let rule = rule(at: rulePath)
    // What is wrong with either is told at once.
    let name = rule?.name ?? RuleName(file: String(rulePath.split(separator: "/").last ?? ""))
    let scenario = scenario(at: scenarioPath, of: name)
    guard let rule, let scenario else { return ExitStatus.configuration }
    ScenarioPlayer.play(scenario, [rule]) { tell($0, scenario) }
    return failures > 0 ? ExitStatus.negative : ExitStatus.success
  }

  private mutating func tell(_ event: ScenarioPlayer.Event, _ scenario: Scenario) {
    switch event {
    case .transition(let transition, let time):
      tell(transition, at: ScenarioTime.text(time), usec: time / 1000)
    case .unexpected(let expectation, let time, let report):
      failures += 1
      let text = ScenarioTime.text(time)
      output.print(
        json
          ? RuleTestJSON.unexpected(expectation, at: text, usec: time / 1000, report)
          : RuleTestText.unexpected(
            expectation, at: text, report,
            since: ScenarioTime.text(ScenarioPlayer.elapsed(at: report.since)), path: scenario.path))
    case .end(let time):
      guard !json else { return }
      output.print(
        RuleTestText.summary(
          scenario.expectationCount, failed: failures, transitions: transitions, at: ScenarioTime.text(time)))
    }
  }

  private mutating func tell(_ transition: RuleTransition, at time: String, usec: Int64) {
    transitions += 1
    output.print(
      json
        ? RuleTestJSON.transition(transition, at: time, usec: usec)
        : RuleTestText.transition(transition, at: time))
  }

  // MARK: A journal

  /// Plays heartbeats of a journal through the rule of a file.
  ///
  /// - Parameters:
  ///   - journalPath: Lines of `journalctl --output=json`; `-` for standard input.
  ///   - name: What the daemon called itself; nil for the host name that the journal has.
  /// - Returns: The exit status.
  package mutating func replay(_ journalPath: String, name: HostName?, through rulePath: String) -> Int32 {
    guard let rule = rule(at: rulePath) else { return ExitStatus.configuration }
    var replay: JournalReplay?
    var own = name
    var lines = ReplayText.Lines()
    do throws(FileFailure) {
      let tooLong = try Self.read(journalPath) { line in
        guard let fields = JournalFields(line) else {
          lines.broken += 1
          return true
        }
        switch fields.finding {
        case .other: lines.other += 1
        case .incomplete:
          if fields.hidden.contains(.payload) { lines.hidden += 1 } else { lines.incomplete += 1 }
        case .heartbeat(let record):
          if replay == nil {
            own = name ?? fields.text(.hostName).flatMap { HostName($0) }
            replay = JournalReplay([rule], own: own)
          }
          for transition in replay?.take(record) ?? [] {
            tell(transition, at: ReplayText.time(transition.time), usec: transition.time / 1000)
          }
        }
        return !Console.isBroken
      }
      lines.broken += tooLong
    } catch {
      output.printError("\(error)")
      return ExitStatus.configuration
    }
    let summary = ReplayText.summary(
      replay?.counts ?? JournalReplay.Counts(), lines, rules: [rule], own: own, transitions: transitions)
    if json {
      for line in summary { output.printError(line) }
    } else {
      for line in summary { output.print("\(line)\n") }
    }
    return ExitStatus.success
  }

  private static func read(
    _ path: String, _ body: (UnsafeRawBufferPointer) -> Bool
  ) throws(FileFailure) -> Int {
    guard path != "-" else {
      return try LineStream.read(STDIN_FILENO, path: "standard input", longest: longestLine, body)
    }
    let file = try OwnedDescriptor(opening: path, O_RDONLY)
    return try LineStream.read(file.number, path: path, longest: longestLine, body)
  }

  // MARK: Files

  /// The rule of a file; nil where it was told that there is none.
  private func rule(at path: String) -> Rule? {
    guard let bytes = contents(of: path, limit: RuleFile.largestSize + 1) else { return nil }
    do throws(RuleFileError) {
      return try RuleFile.parse(bytes, path: path)
    } catch {
      for fault in error.faults { output.printError("\(fault)") }
      return nil
    }
  }

  /// The scenario of a file; nil where it was told that there is none.
  private func scenario(at path: String, of rule: RuleName?) -> Scenario? {
    guard let bytes = contents(of: path, limit: ScenarioParser.largestSize + 1), let rule else { return nil }
    do throws(RuleFileError) {
      return try ScenarioParser.parse(bytes, path: path, rules: [rule])
    } catch {
      for fault in error.faults { output.printError("\(fault)") }
      return nil
    }
  }

  private func contents(of path: String, limit: Int) -> [UInt8]? {
    do throws(FileFailure) {
      return try FileContents.read(path, limit: limit, onlyRegular: true)
    } catch {
      output.printError("\(error)")
      return nil
    }
  }
}
