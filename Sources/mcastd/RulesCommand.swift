// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control

struct RulesCommand: ParsableCommand {
  // Options of its own would be taken from those of `test`.
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "Show the rules, what they find of each host, and what they do.",
    discussion: Examples.text([
      "mcastd rules": "the rules that are in force",
      "mcastd rules test ups-battery power-cut": "what a rule would do",
    ]),
    subcommands: [Show.self, RulesTestCommand.self], defaultSubcommand: Show.self)

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show the rules, as without a command.",
      discussion: Examples.text([
        "mcastd rules": "which rules are active, and why",
        "mcastd rules show --json": "the same for programs",
      ]))

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup(title: "Daemon") var control: ControlOptions

    func run() throws { throw ExitCode(ControlClient.printRules(path: control.path, json: json)) }
  }
}
