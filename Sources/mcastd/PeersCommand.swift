// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control
import Liveness

struct PeersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers", abstract: "Show every peer with its state.",
    discussion: Examples.text([
      "mcastd peers": "who is there",
      "mcastd peers --explain web1": "when web1 counts as silent, and why",
      "mcastd peers --check": "for monitoring: a line and an exit status",
    ]))

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(
    help: ArgumentHelp(
      "For monitoring: one line, and exit status 1 if a peer is silent or unknown, "
        + "2 if none is heard, else 0.")
  )
  var check = false

  @Option(
    help: ArgumentHelp(
      "Say how a peer is judged, and why: by its name, or its address where it has none.",
      valueName: "peer"), completion: .daemon { daemon, _ in daemon.peers() })
  var explain: String?

  @OptionGroup(title: "Daemon") var control: ControlOptions

  func validate() throws {
    guard let explain else { return }
    if check { throw ValidationError("--check and --explain ask for different things: give one of them") }
    if PeerSubject(explain) == nil {
      throw ValidationError("--explain \(explain): must be the name of a host, or an address")
    }
  }

  func run() throws {
    if let explain {
      throw ExitCode(ControlClient.explain(explain, path: control.path, json: json))
    }
    throw ExitCode(ControlClient.printPeers(path: control.path, json: json, check: check))
  }
}
