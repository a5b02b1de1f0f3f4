// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control

struct RulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "Show the rules, what they find of each host, and what they do.",
    subcommands: [RulesTestCommand.self])

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup var control: ControlOptions

  func run() throws { throw ExitCode(ControlClient.printRules(path: control.path, json: json)) }
}
