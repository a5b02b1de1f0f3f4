// SPDX-License-Identifier: Apache-2.0

import Settings

/// `mcastd check`: is the configuration valid, and what does it come to?
package enum Check {
  /// - Returns: the exit status.
  package static func run(sources: SettingsSources) -> Int32 {
    do throws(SettingsError) {
      let settings = try Settings.load(sources)
      Console.print(settings.table())
      for warning in settings.warnings { Console.complain("warning: \(warning)") }
      return ExitStatus.success
    } catch {
      Console.complain("error: \(error)")
      return ExitStatus.configuration
    }
  }
}
