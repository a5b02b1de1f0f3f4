// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control
import Settings

struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Have the running daemon read its configuration again, and wait for the result.",
    discussion: Examples.text([
      "sudo mcastd reload": "after a change in /etc/mcastd",
      "sudo mcastd reload --instance lab": "of mcastd@lab.service",
    ]))

  @Flag(help: "Pass the MCASTD_* variables of this process in place of the daemon's own.")
  var environment = false

  @OptionGroup(title: "Daemon") var control: ControlOptions

  func run() throws {
    let variables = environment ? SettingsSources.processEnvironment() : nil
    throw ExitCode(ControlClient.reload(path: control.path, environment: variables))
  }
}
