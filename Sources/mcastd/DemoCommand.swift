// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Demo

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Show in a minute what it does: five hosts on this machine, and what fails.",
    discussion: """
      Needs neither root nor a daemon, and changes nothing: the hosts are in network namespaces of their own \
      where those are allowed, else on lo, and everything is removed at the end. The exit status is 0 where \
      each step was seen.
      """)

  @Flag(name: .customLong("lo"), help: "Put the hosts on lo, without network namespaces.")
  var onLoopback = false

  func run() throws {
    throw ExitCode(Demo.run(onLoopback: onLoopback))
  }
}
