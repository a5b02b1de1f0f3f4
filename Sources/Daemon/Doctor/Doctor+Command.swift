// SPDX-License-Identifier: Apache-2.0

import Settings

extension Doctor {
  package struct Options: Sendable {
    /// One JSON array at the end, in place of a line as soon as it is known.
    package var json: Bool
    /// How long to wait for a general query; `nil` for the plan's own time.
    package var queryWait: Duration?

    package init(json: Bool, queryWait: Duration? = nil) {
      self.json = json
      self.queryWait = queryWait
    }
  }

  /// `mcastd doctor`: prints what is found on standard output, and what it waits for on standard error.
  ///
  /// - Returns: the exit status.
  package static func run(sources: SettingsSources, options: Options) -> Int32 {
    let settings: Settings
    do throws(SettingsError) {
      settings = try Settings.load(sources)
    } catch {
      Console.complain(error)
      return ExitStatus.configuration
    }
    for warning in settings.warnings { Console.complain("warning: \(warning)") }
    var plan = DoctorPlan(settings)
    if let wait = options.queryWait { plan.queryWait = wait }
    let report = run(plan) {
      Console.complain("\($0)")
    } onFinding: { finding in
      if !options.json { Console.print("\(finding.line)\n") }
    }
    if options.json { Console.print("\(ConsoleText(json: report.json))\n") }
    return report.exitStatus
  }
}
