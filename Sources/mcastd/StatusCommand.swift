// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show the running daemon's ledger, memberships and settings.")

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup var control: ControlOptions

  func run() throws {
    throw ExitCode(ControlClient.printStatus(path: control.path, json: json))
  }
}
