// SPDX-License-Identifier: Apache-2.0

import Platform

extension Settings {
  /// Reads and validates the whole configuration.
  ///
  /// Priority: the command line, the environment, the files, the defaults. A direction's own key comes before
  /// the shared one, wherever the two are set.
  ///
  /// - Throws: `SettingsError` with every line that is not INI, every value that is not accepted, and every
  ///   combination of accepted values that is not.
  package static func load(_ sources: SettingsSources) throws(SettingsError) -> Settings {
    let files =
      if let path = sources.configFile ?? sources.standardFile {
        ConfigurationFiles(path: path, mustExist: sources.configFile != nil)
      } else {
        ConfigurationFiles()
      }
    let environment = sources.environment.filter {
      $0.key.hasPrefix(Key.environmentPrefix) && !$0.value.trimmingBlanks().isEmpty
    }
    let reader = SettingsReader(
      adopted: sources.adopted, arguments: sources.arguments, environment: environment, files: files)
    let warnings = SettingsWarning.warnings(for: files.unknown, variables: unknownVariables(environment))
    let settings = try Settings(from: reader, warnings: warnings)
    let faults = files.faults + reader.faults + settings.faults(against: reader)
    guard faults.isEmpty else { throw SettingsError(faults, warnings: warnings) }
    return settings
  }

  private static func unknownVariables(_ environment: [String: String]) -> [String] {
    let known = Set(Key.allCases.map(\.environmentName))
    return environment.keys.filter { !known.contains($0) }.sorted()
  }
}
