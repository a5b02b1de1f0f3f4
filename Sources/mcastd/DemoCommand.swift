// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Demo

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Show in a minute what it does: five hosts here, and what fails.",
    discussion: "Needs neither root nor a daemon, starts no unit, and removes all of it at the end. The "
      + "exit status is 0 where each step was seen.\n\n"
      + Examples.text([
        "mcastd demo": "wait for its end, or Ctrl-C",
        "mcastd demo --lo": "five processes on lo, without network namespaces",
      ]))

  @Flag(name: .customLong("lo"), help: "Put the hosts on lo, without network namespaces.")
  var onLoopback = false

  func run() throws {
    throw ExitCode(Demo.run(onLoopback: onLoopback))
  }
}
