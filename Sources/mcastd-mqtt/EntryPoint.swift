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
    commandName: "run", abstract: "Run the bridge in the foreground.")

  @OptionGroup var file: ConfigOption

  @OptionGroup var daemon: ControlOptions

  func run() throws {
    throw ExitCode(BridgeService.run(config: file.config, control: daemon.path))
  }
}

struct CheckBridge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check mqtt.conf and the credentials, and print what they say.")

  @OptionGroup var file: ConfigOption

  func run() throws { throw ExitCode(BridgeService.check(config: file.config)) }
}
