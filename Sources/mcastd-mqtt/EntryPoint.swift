// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import MQTT
import Platform

@main
enum EntryPoint {
  static func main() { McastdMQTT.runAndExit() }
}

/// The command line. Without a command it prints help.
struct McastdMQTT: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mcastd-mqtt",
    abstract: "Publishes what mcastd knows of its group at an MQTT broker.",
    discussion: Examples.text([
      "mcastd-mqtt check": "is /etc/mcastd/mqtt.conf right?",
      "mcastd-mqtt run": "in the foreground, until Ctrl-C",
    ]),
    version: Version.current,
    subcommands: [RunBridge.self, CheckBridge.self])
}

struct ConfigOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Read this file instead of \(BridgeConfiguration.standardPath).", valueName: "file"),
    completion: .file())
  var config: String?
}

struct RunBridge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run the bridge in the foreground.",
    discussion: Examples.text([
      "mcastd-mqtt run": "as mcastd-mqtt.service does",
      "mcastd-mqtt run --instance lab": "what mcastd@lab.service knows",
    ]))

  @OptionGroup var file: ConfigOption

  @OptionGroup(title: "Daemon") var daemon: ControlOptions

  func run() throws {
    throw ExitCode(BridgeService.run(config: file.config, control: daemon.path))
  }
}

struct CheckBridge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check mqtt.conf and the credentials, and print what they say.",
    discussion: Examples.text([
      "mcastd-mqtt check": "/etc/mcastd/mqtt.conf",
      "mcastd-mqtt check --config new.conf": "a file that is not in force yet",
    ]))

  @OptionGroup var file: ConfigOption

  func run() throws { throw ExitCode(BridgeService.check(config: file.config)) }
}
