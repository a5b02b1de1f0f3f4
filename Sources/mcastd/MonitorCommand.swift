// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control

struct MonitorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitor", abstract: "Show what the running daemon sees, as it happens.",
    discussion: Examples.text([
      "mcastd monitor": "peers, readings and rules, until Ctrl-C",
      "mcastd monitor --json": "an object a line, for programs",
    ]))

  @Flag(help: "Print a JSON object for each line.")
  var json = false

  @OptionGroup(title: "Daemon") var control: ControlOptions

  func run() throws {
    throw ExitCode(ControlClient.monitor(path: control.path, json: json))
  }
}
