// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform
import Settings

extension Doctor {
  package struct Options: Sendable {
    /// One JSON array at the end, in place of lines as soon as they are known.
    package var json: Bool
    /// How long to wait for a general query; `nil` for the plan's own time.
    package var queryWait: Duration?

    package init(json: Bool, queryWait: Duration? = nil) {
      self.json = json
      self.queryWait = queryWait
    }
  }

  /// `mcastd doctor`: prints findings on standard output, and progress on standard error.
  ///
  /// - Returns: the exit status.
  package static func run(sources: SettingsSources, options: Options) -> Int32 {
    var notices = DoctorText(descriptor: STDERR_FILENO)
    // Less the prefix `mcastd: `.
    notices.width = notices.width.map { $0 - 8 }
    let settings: Settings
    do throws(SettingsError) {
      settings = try Settings.load(sources)
    } catch {
      Console.printError(error)
      return ExitStatus.configuration
    }
    for warning in settings.warnings { Console.printError("warning: \(warning)") }
    var plan = DoctorPlan(settings)
    if let wait = options.queryWait { plan.queryWait = wait }
    let text = DoctorText(descriptor: STDOUT_FILENO)
    let report = run(plan) {
      Console.printError("\(ConsoleText(lines: notices.line($0)))")
    } onFinding: { finding in
      let lines = ConsoleText(lines: text.lines(finding).joined(separator: "\n"))
      if !options.json { Console.print("\(lines)\n") }
    }
    let end = options.json ? report.json : ConsoleText(lines: text.summary(report))
    Console.print("\(end)\n")
    return report.exitStatus
  }
}
