// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Daemon

/// Which daemon a client command means.
struct ControlOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The daemon of mcastd@NAME.service.", valueName: "name"))
  var instance: String?

  @Option(help: ArgumentHelp("The daemon with its control socket at this path.", valueName: "path"))
  var control: String?

  var path: String { control ?? ControlSocket.path(instance: instance) }

  func validate() throws {
    if instance != nil, control != nil {
      throw ValidationError("--instance and --control name one daemon each: give one of them")
    }
    if let instance, instance.isEmpty || instance.contains("/") {
      throw ValidationError("--instance \(instance): must be the NAME of mcastd@NAME.service")
    }
  }
}
