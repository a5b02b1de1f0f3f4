// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control

struct RulesCommand: ParsableCommand {
  // Options of its own would be taken from those of `test`.
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "Show the rules, what they find of each host, and what they do.",
    subcommands: [Show.self, RulesTestCommand.self], defaultSubcommand: Show.self)

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show the rules, as without a command.")

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var control: ControlOptions

    func run() throws { throw ExitCode(ControlClient.printRules(path: control.path, json: json)) }
  }
}
