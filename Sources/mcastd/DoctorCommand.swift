// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Doctor
import Settings

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Find out why multicast does not work here, check by check.",
    discussion: Examples.text([
      "mcastd doctor": "with the settings of the daemon",
      "mcastd doctor --interface eth1": "on an interface that it does not use",
      "sudo mcastd doctor --wait 130s": "is there a querier? root sees more",
    ]))

  @Flag(help: "Print a JSON array of objects.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Wait this long for an IGMP or MLD general query; 130s to be sure. Default: 10s.", valueName: "duration"
    ),
    completion: .list(["10s", "130s"]), transform: Duration.time)
  var wait: Duration?

  @OptionGroup(title: "Daemon") var daemon: ControlOptions
  @OptionGroup var settings: SettingsOptions

  func run() throws {
    let sources = daemon.sources(settings.sources, for: .inForce)
    throw ExitCode(Doctor.run(sources: sources, options: .init(json: json, queryWait: wait)))
  }
}
