// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control
import Heartbeat

struct ReadingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "readings", abstract: "Show what hosts say, and how far it can be relied on.",
    discussion: Examples.text([
      "mcastd readings": "of all hosts",
      "mcastd readings web1 web2": "of these",
    ]))

  @Argument(
    help: "Names of hosts; all without one.", completion: .daemon { daemon, _ in daemon.hosts() })
  var hosts: [String] = []

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup(title: "Daemon") var control: ControlOptions

  func validate() throws {
    if let host = hosts.first(where: { HostName($0) == nil }) {
      throw ValidationError("\(host): must be the name of a host, as `mcastd peers` shows it")
    }
  }

  func run() throws {
    throw ExitCode(ControlClient.printReadings(of: hosts, path: control.path, json: json))
  }
}
