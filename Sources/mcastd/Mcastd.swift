// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Platform

/// The command line. Without a command it prints help, so that only `run` sends heartbeats.
struct Mcastd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mcastd",
    abstract: "Multicast heartbeats, readings and rules.",
    discussion: Examples.text([
      "mcastd demo": "five hosts, and what fails",
      "mcastd watch": "what the group receives, live; q quits",
      "mcastd doctor": "why does multicast not work here?",
      "mcastd peers": "who is there, who fell silent",
      "sudo mcastd set ups.status=OB": "say something to all hosts",
      "mcastd readings": "what hosts say",
      "mcastd check && sudo mcastd reload": "after a change in /etc/mcastd",
    ]),
    version: Version.current,
    groupedSubcommands: [
      CommandGroup(name: "See it", subcommands: [DemoCommand.self, WatchCommand.self, DoctorCommand.self]),
      CommandGroup(
        name: "The daemon", subcommands: [RunCommand.self, CheckCommand.self, ReloadCommand.self]),
      CommandGroup(
        name: "What the daemon knows",
        subcommands: [
          StatusCommand.self, PeersCommand.self, ReadingsCommand.self, RulesCommand.self,
          MonitorCommand.self, MetricsCommand.self,
        ]),
      CommandGroup(name: "Say something", subcommands: [SetCommand.self, UnsetCommand.self]),
      CommandGroup(name: "Keys", subcommands: [KeyCommand.self]),
    ])
}
