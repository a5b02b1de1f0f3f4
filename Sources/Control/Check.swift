// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform
import Settings

/// `mcastd check`: is the configuration valid, and what does it come to?
package enum Check {
  /// - Returns: the exit status. A line of a file that is ignored is as bad as a value that is refused: the
  ///   daemon would run with it, and not as its author meant.
  package static func run(sources: SettingsSources) -> Int32 {
    do throws(SettingsError) {
      let settings = try Settings.load(sources)
      Console.print(table(settings))
      for warning in settings.warnings {
        if warning.concernsFile {
          Console.complain("error: \(warning)")
        } else {
          Console.complain("warning: \(warning)")
        }
      }
      for reference in missingInterfaces(settings) {
        Console.complain("note: \(MissingInterfaces.text(reference)) now; the daemon waits for it")
      }
      return settings.warnings.contains(where: \.concernsFile) ? ExitStatus.configuration : ExitStatus.success
    } catch {
      Console.complain(error)
      return ExitStatus.configuration
    }
  }

  /// A line for every setting with its value and where that comes from.
  package static func table(_ settings: Settings) -> ConsoleText {
    .table(settings.effective.map { ["\($0.key.name)", "\($0.value)", "\($0.origin)"] })
  }

  /// None where the kernel does not tell of its interfaces: the configuration is no worse for it.
  private static func missingInterfaces(_ settings: Settings) -> [InterfaceReference] {
    guard let table = try? InterfaceTable.read() else { return [] }
    return [settings.subscribe, settings.publish].filter(\.enabled)
      .flatMap { InterfacePlan.missing($0.interfaces, in: table.interfaces) }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
