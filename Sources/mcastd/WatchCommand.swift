// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control
import Settings
import Watch

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Show what the group receives, without a daemon.",
    discussion: Examples.text([
      "mcastd watch": "live; q quits",
      "mcastd watch --count 1 --for 10s": "does anything arrive at all?",
      "mcastd watch --group 239.1.1.2": "another group",
      "mcastd watch --json": "for programs, an object a datagram",
    ]))

  @Flag(help: "Print a JSON object for each datagram.")
  var json = false

  @Option(
    help: ArgumentHelp("End after this many datagrams.", valueName: "n"), completion: .list(["1", "10"]))
  var count: Int?

  @Option(
    name: .customLong("for"), help: ArgumentHelp("End after this time (10s, 2min).", valueName: "duration"),
    completion: .durations, transform: Duration.time)
  var time: Duration?

  @OptionGroup(title: "Daemon") var daemon: ControlOptions
  @OptionGroup var settings: SettingsOptions

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count \(count): must be 1 or more") }
  }

  func run() throws {
    let options = Watch.Options(
      json: json, count: count, time: time, directory: ControlSocket.directory(of: daemon.path))
    throw ExitCode(Watch.run(sources: daemon.sources(settings.sources, for: .inForce), options: options))
  }
}
