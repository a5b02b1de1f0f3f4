// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control
import Settings

struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload", abstract: "Apply the running daemon's configuration anew and wait for the verdict."
  )

  @Flag(help: "Hand over this process's MCASTD_* variables in place of the daemon's own.")
  var environment = false

  @OptionGroup var control: ControlOptions

  func run() throws {
    let variables = environment ? SettingsSources.processEnvironment() : nil
    throw ExitCode(ControlClient.reload(path: control.path, environment: variables))
  }
}
