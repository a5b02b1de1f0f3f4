// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control
import Settings

struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Have the running daemon read its configuration again, and wait for the result."
  )

  @Flag(help: "Pass the MCASTD_* variables of this process in place of the daemon's own.")
  var environment = false

  @OptionGroup var control: ControlOptions

  func run() throws {
    let variables = environment ? SettingsSources.processEnvironment() : nil
    throw ExitCode(ControlClient.reload(path: control.path, environment: variables))
  }
}
