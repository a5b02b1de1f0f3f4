// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control

struct PeersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers", abstract: "Show who is there and who fell silent.")

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(
    help:
      "For monitoring: one line, and exit status 0, 1 where a peer is silent or unknown, 2 where none is heard."
  )
  var check = false

  @OptionGroup var control: ControlOptions

  func run() throws {
    throw ExitCode(ControlClient.printPeers(path: control.path, json: json, check: check))
  }
}
