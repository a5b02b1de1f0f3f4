// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control
import Facts

struct SetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Say readings of this host to all hosts.",
    discussion: Examples.text([
      "sudo mcastd set ups.status=OB temp.inlet=24.5C": "until unset, or a restart",
      "sudo mcastd set --for 10min maint.window=on": "for ten minutes",
      "sudo mcastd set --test ups.status=OB": "a drill",
    ]))

  @Argument(
    help: ArgumentHelp("What to say; ? is unknown.", valueName: "key=value"),
    completion: .daemon { daemon, _ in daemon.assignments() })
  var readings: [Assignment]

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "How long it holds, such as 10s or 5min; then it is unknown, or what a file says. "
        + "Without it until it is unset, or the daemon stops.", valueName: "duration"),
    completion: .durations, transform: Duration.time)
  var duration: Duration?

  @Flag(help: "For practice: it stands beside the true reading, and is shown as a drill.")
  var test = false

  @OptionGroup(title: "Daemon") var control: ControlOptions

  func validate() throws {
    if duration == .zero {
      throw ValidationError("--for 0s: must be more than 0; `mcastd unset` ends what was set")
    }
    for reading in readings {
      do {
        _ = try OwnReadings.reading(reading.key, reading.value, isDrill: test)
      } catch {
        throw ValidationError("\(error)")
      }
    }
  }

  func run() throws {
    throw ExitCode(
      ControlClient.set(
        readings.map { ControlInterface.NewReading(key: $0.key, value: $0.value) },
        for: duration, isDrill: test, path: control.path))
  }
}

struct UnsetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unset", abstract: "Say no more what `set` said, or what a file says again.",
    discussion: Examples.text([
      "sudo mcastd unset temp.inlet": "no more, or what a file says",
      "sudo mcastd unset --test ups.status": "the end of a drill",
    ]))

  @Argument(
    help: ArgumentHelp("The keys of readings.", valueName: "key"),
    completion: .daemon { daemon, _ in daemon.ownKeys() })
  var keys: [String]

  @Flag(help: "Those that are for practice.")
  var test = false

  @OptionGroup(title: "Daemon") var control: ControlOptions

  func validate() throws {
    for key in keys {
      do { _ = try OwnReadings.id(key, isDrill: test) } catch { throw ValidationError("\(error)") }
    }
  }

  func run() throws {
    throw ExitCode(ControlClient.unset(keys, isDrill: test, path: control.path))
  }
}

/// `KEY=VALUE`.
struct Assignment: ExpressibleByArgument {
  let key: String
  let value: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "=") else { return nil }
    key = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }
}
