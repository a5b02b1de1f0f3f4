// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control

/// Selects the daemon that a command asks.
package struct ControlOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Ask the daemon of mcastd@NAME.service.", valueName: "name"), completion: .instance)
  package var instance: String?

  @Option(
    help: ArgumentHelp("Ask the daemon that has its control socket at this path.", valueName: "path"),
    completion: .file())
  package var control: String?

  package init() {}

  package var path: String { control ?? ControlSocket.path(instance: instance) }

  package func validate() throws {
    if instance != nil, control != nil {
      throw ValidationError("--instance and --control name one daemon each: give one of them")
    }
    if let instance, instance.isEmpty || instance.contains("/") {
      throw ValidationError("--instance \(instance): must be the NAME of mcastd@NAME.service")
    }
  }
}

extension CompletionKind {
  package static let instance = CompletionKind.custom { _, _, _ in CompletionWords.instances() }
}
