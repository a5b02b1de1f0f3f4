// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CArguments
import Control
import Glibc
import MQTT
import Platform

@main
enum EntryPoint {
  /// As that of mcastd: `CommandLine` is empty without /proc.
  static func main() {
    Console.occupyStandardDescriptors()
    var arguments: [String] = []
    while let argument = carguments_argument(Int32(arguments.count + 1)) {
      arguments.append(String(cString: argument))
    }
    var status = ExitStatus.success
    do {
      var command = try McastdMQTT.parseAsRoot(arguments)
      try command.run()
    } catch {
      let code = McastdMQTT.exitCode(for: error)
      let text = McastdMQTT.fullMessage(for: error)
      if !text.isEmpty {
        let lines = ConsoleText(lines: text)
        if code.isSuccess { Console.print("\(lines)\n") } else { Console.write(error: "\(lines)\n") }
      }
      status = code.rawValue
    }
    exit(Console.exitStatus(after: status))
  }
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

  @Option(help: ArgumentHelp("Follow the daemon of mcastd@NAME.service.", valueName: "name"))
  var instance: String?

  @Option(
    help: ArgumentHelp("Follow the daemon that has its control socket at this path.", valueName: "path"),
    completion: .file())
  var control: String?

  func validate() throws {
    if instance != nil, control != nil {
      throw ValidationError("--instance and --control name one daemon each: give one of them")
    }
    if let instance, instance.isEmpty || instance.contains("/") {
      throw ValidationError("--instance \(instance): must be the NAME of mcastd@NAME.service")
    }
  }

  func run() throws {
    let path = control ?? ControlSocket.path(instance: instance)
    throw ExitCode(BridgeService.run(config: file.config, control: path))
  }
}

struct CheckBridge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check mqtt.conf and the credentials, and print what they say.")

  @OptionGroup var file: ConfigOption

  func run() throws { throw ExitCode(BridgeService.check(config: file.config)) }
}
