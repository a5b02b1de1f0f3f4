// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control

struct PeersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers", abstract: "Show every peer with its state.")

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(
    help: ArgumentHelp(
      "For monitoring: one line, and exit status 1 if a peer is silent or unknown, "
        + "2 if none is heard, else 0.")
  )
  var check = false

  @OptionGroup var control: ControlOptions

  func run() throws {
    throw ExitCode(ControlClient.printPeers(path: control.path, json: json, check: check))
  }
}
