// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Daemon

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run the daemon in the foreground.",
    discussion: Examples.text([
      "mcastd run --interface eth0": "until Ctrl-C",
      "mcastd run --name auto": "with the name of this host",
    ]))

  @OptionGroup var settings: SettingsOptions

  @Option(
    help: ArgumentHelp("Open the control socket at this path.", valueName: "path"), completion: .file())
  var control: String?

  func run() throws {
    throw ExitCode(Daemon.run(sources: settings.sources, control: control))
  }
}
