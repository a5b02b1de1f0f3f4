// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control
import Daemon
import Platform
import Settings

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Validate the configuration and print every value with its origin.",
    discussion: Examples.text([
      "mcastd check": "what a start or a reload would find",
      "mcastd check --config new.conf": "a file that is not in force yet",
    ]))

  @OptionGroup(title: "Daemon") var daemon: ControlOptions
  @OptionGroup var settings: SettingsOptions

  func run() throws {
    // Files of readings may hang.
    let status = OwnProcess.status {
      Console.exitStatus(
        after: Check.run(
          sources: daemon.sources(settings.sources, for: .anew), readings: { ReadingsCheck.run($0) },
          rules: { RulesCheck.run($0, control: daemon.path, instance: daemon.instance) }))
    }
    throw ExitCode(status)
  }
}
