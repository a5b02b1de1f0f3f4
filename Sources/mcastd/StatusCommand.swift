// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show the running daemon's ledger, memberships and settings.",
    discussion: Examples.text([
      "mcastd status": "is it well?",
      "mcastd status --instance lab": "of mcastd@lab.service",
      "mcastd status --json": "with all settings, for programs",
    ]))

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup(title: "Daemon") var control: ControlOptions

  func run() throws {
    throw ExitCode(ControlClient.printStatus(path: control.path, json: json))
  }
}
