// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control
import Settings

/// Selects the daemon of a client command.
struct ControlOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Ask the daemon of mcastd@NAME.service.", valueName: "name"), completion: .instance)
  var instance: String?

  @Option(
    help: ArgumentHelp("Ask the daemon that has its control socket at this path.", valueName: "path"),
    completion: .file())
  var control: String?

  var path: String { control ?? ControlSocket.path(instance: instance) }

  /// The sources of the selected daemon, or its file if it does not run. Settings of this process replace
  /// both.
  func sources(_ own: SettingsSources, for purpose: DaemonSettings.Purpose) -> SettingsSources {
    var fallback = own
    fallback.configFile = instance.map { "/etc/mcastd/\($0).conf" }
    return DaemonSettings.sources(own: own, path: path, fallback: fallback, purpose: purpose)
  }

  func validate() throws {
    if instance != nil, control != nil {
      throw ValidationError("--instance and --control name one daemon each: give one of them")
    }
    if let instance, instance.isEmpty || instance.contains("/") {
      throw ValidationError("--instance \(instance): must be the NAME of mcastd@NAME.service")
    }
  }
}
