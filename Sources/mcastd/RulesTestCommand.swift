// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control
import Heartbeat
import Settings

struct RulesTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Play a scenario, or the heartbeats of a journal, through a rule in simulated time.",
    discussion: "Asks no daemon, and starts and stops nothing.\n\n"
      + Examples.text([
        "mcastd rules test ups-battery power-cut": "a rule of rules.d",
        "mcastd rules test ./new.rule --journal beats.json": "what it would have done",
      ]))

  @Argument(
    help: ArgumentHelp(
      "The file of a rule, or its name in rules.directory.", valueName: "rule"),
    completion: .custom { _, _, word in CompletionWords.rules(in: directory, completing: word) })
  var rule: String

  @Argument(
    help: ArgumentHelp(
      "A file of what hosts do and what to expect, see mcastd.rule(5).", valueName: "scenario"),
    completion: .file())
  var scenario: String?

  @Option(
    help: ArgumentHelp(
      "Instead: what `journalctl -u mcastd -o json --all MCAST_KIND=heartbeat` prints; - for standard input.",
      valueName: "file"), completion: .file())
  var journal: String?

  @Option(
    help: ArgumentHelp(
      "With --journal: what the host calls itself in heartbeats, by default the host name of the journal.",
      valueName: "host"),
    completion: .daemon { daemon, _ in daemon.hosts() })
  var name: String?

  @Flag(help: "Print a JSON object for each line.")
  var json = false

  func validate() throws {
    if (scenario == nil) == (journal == nil) {
      throw ValidationError("give either a SCENARIO or --journal: each is what is played through the rule")
    }
    guard let name else { return }
    if journal == nil {
      throw ValidationError("--name goes with --journal: in a scenario this host is `this`")
    }
    if HostName(name) == nil { throw ValidationError("--name \(name): must be the name of a host") }
  }

  func run() throws {
    var test = RuleTest(json: json)
    let path = RuleTest.path(of: rule, in: Self.directory)
    if let journal {
      throw ExitCode(test.replay(journal, name: name.flatMap { HostName($0) }, through: path))
    }
    throw ExitCode(test.play(scenario ?? "", through: path))
  }

  /// `rules.directory` by the settings of the service; where they are wrong `mcastd check` says so.
  private static var directory: String {
    let settings = try? Settings.load(SettingsSources(environment: SettingsSources.processEnvironment()))
    return settings?.rulesDirectory ?? Key.rulesDirectory.defaultText ?? ""
  }
}
