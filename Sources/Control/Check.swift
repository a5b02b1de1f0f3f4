// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform
import Settings

/// `mcastd check`: validates the configuration and prints every value with its origin, as a start or a
/// reload would find it.
package enum Check {
  /// - Parameters:
  ///   - readings: What is wrong with the files of readings.
  ///   - rules: What is wrong with the rules.
  /// - Returns: the exit status. An ignored line of a file is an error here: the daemon would start, but not
  ///   with what the line says.
  package static func run(
    sources: SettingsSources, readings: (Settings) -> (errors: [String], warnings: [String]),
    rules: (Settings) -> (errors: [String], warnings: [String])
  ) -> Int32 {
    do throws(SettingsError) {
      let settings = try Settings.load(sources)
      if settings.authentication.isCredential {
        Console.printError(
          "note: auth.keys is empty: the keys are a credential, which only the service can read and check")
      } else {
        _ = try settings.keys()
      }
      Console.print(table(settings))
      for warning in settings.warnings {
        if warning.concernsFile {
          Console.printError("error: \(warning)")
        } else {
          Console.printError("warning: \(warning)")
        }
      }
      for reference in missingInterfaces(settings) {
        Console.printError("note: \(MissingInterfaces.text(reference)) now; the daemon waits for it")
      }
      let (errors, warnings) = readings(settings)
      for error in errors { Console.printError("error: reading not said: \(error)") }
      for warning in warnings { Console.printError("warning: reading not said: \(warning)") }
      let found = rules(settings)
      for error in found.errors { Console.printError("error: rule not in force: \(error)") }
      for warning in found.warnings { Console.printError("warning: \(warning)") }
      return settings.warnings.contains(where: \.concernsFile) || !errors.isEmpty || !found.errors.isEmpty
        ? ExitStatus.configuration : ExitStatus.success
    } catch {
      Console.printError(error)
      return ExitStatus.configuration
    }
  }

  /// A line for every setting, with its value and origin.
  package static func table(_ settings: Settings) -> ConsoleText {
    .table(settings.effective.map { ["\($0.key.name)", "\($0.value)", "\($0.origin)"] })
  }

  /// Configured interfaces that do not exist; none where netlink fails, which is no fault of the
  /// configuration.
  private static func missingInterfaces(_ settings: Settings) -> [InterfaceReference] {
    guard let table = try? InterfaceTable.read() else { return [] }
    return [settings.subscribe, settings.publish].filter(\.enabled)
      .flatMap { InterfacePlan.missing($0.interfaces, in: table.interfaces) }
      .uniqued()
  }
}
